using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Common;

/// <summary>
/// Tokens as players (method.md §1): positions of a text that hold neither [PAD] nor a stop word, all of them, some
/// drawn for each sample, or groups of them. [PAD] always keeps its place: it is no token of the text.
/// </summary>
internal sealed class TokenPlayers
{
    private readonly PlayersSpec _spec;
    private readonly int _pad;
    private readonly int _outside;
    private readonly HashSet<int> _stopped;

    private TokenPlayers(PlayersSpec spec, TokenVocabulary vocabulary, IReadOnlyList<string> words, bool keepOutside)
    {
        _spec = spec;
        _pad = vocabulary.Pad;
        _outside = keepOutside ? PlayerLayout.Keep : PlayerLayout.Absent;
        var stopped = new HashSet<string>(spec.StopWords ?? [], StringComparer.OrdinalIgnoreCase);
        _stopped = stopped.Count == 0 ? [] : [.. Enumerable.Range(0, words.Count).Where(id => stopped.Contains(words[id]))];
    }

    /// <summary>n, the same for every sample.</summary>
    public int Count { get; private set; }

    /// <summary>Lays out the tokens of a text dataset; null, with faults recorded, where the spec leaves n open.</summary>
    public static TokenPlayers? Create(PlayersSpec spec, SampleSelection? samples, IDataset dataset, bool keepOutside, SpecFaults faults, int most)
    {
        if (dataset.Summary.Vocabulary is not { } vocabulary || dataset.Words is not { } words)
        {
            faults.Add("players.type", "tokens need a dataset of texts");
            return null;
        }

        var tokens = new TokenPlayers(spec, vocabulary, words, keepOutside);
        if (spec.Groups is { } groups)
        {
            CheckGroups(groups, dataset.Summary.SampleShape[0], faults);
            tokens.Count = groups.Count;
            return tokens;
        }

        if (spec.Select?.Number is { } count)
        {
            if (count > dataset.Summary.SampleShape[0])
            {
                faults.Add("players.select", $"{count} tokens of texts that have {dataset.Summary.SampleShape[0]} at most");
            }

            tokens.Count = count;
            return tokens;
        }

        return tokens.CountAll(samples, dataset, faults, most) ? tokens : null;
    }

    /// <summary>Why a sample has not the players asked for; null where it has.</summary>
    public string? Unfit(Sample sample)
    {
        var candidates = Candidates(sample);
        if (_spec.Groups is { } groups)
        {
            var absent = groups.SelectMany(group => group).Where(position => !candidates.Contains(position)).ToArray();
            return absent.Length == 0 ? null : $"sample {sample.Index} has no token at position {absent[0]}";
        }

        if (_spec.Pad == true)
        {
            return candidates.Length == 0 ? $"sample {sample.Index} has no token that can be a player"
                : candidates.Length + Pads(sample).Count() < Count ? $"sample {sample.Index} has {candidates.Length} tokens that can be players and too few [PAD]; {Count} are asked for"
                : null;
        }

        var fits = _spec.Select?.Number is null ? candidates.Length == Count : candidates.Length >= Count;
        return fits ? null : _spec.Select?.Number is null
            ? $"sample {sample.Index} has {candidates.Length} tokens that can be players, the first one {Count}; all must have as many, or give select"
            : $"sample {sample.Index} has {candidates.Length} tokens that can be players; {Count} are asked for";
    }

    /// <summary>The players of a sample that is not <see cref="Unfit"/>.</summary>
    public SamplePlayers For(Sample sample)
    {
        var playerOf = new int[sample.Values.Length];
        for (var position = 0; position < playerOf.Length; position++)
        {
            playerOf[position] = (int)sample.Values[position] == _pad ? PlayerLayout.Keep : _outside;
        }

        if (_spec.Groups is { } groups)
        {
            for (var i = 0; i < groups.Count; i++)
            {
                foreach (var position in groups[i])
                {
                    playerOf[position] = i;
                }
            }

            return new SamplePlayers(new PlayerLayout(Count, playerOf), [.. Enumerable.Range(0, Count)]);
        }

        var candidates = Candidates(sample);
        int[] players = candidates.Length <= Count ? [.. candidates, .. Pads(sample).Take(Count - candidates.Length)] : [.. RandomPlayers.Draw(_spec.Seed!.Value, sample.Index, candidates.Length, Count).Select(k => candidates[k])];
        for (var i = 0; i < Math.Min(candidates.Length, players.Length); i++)
        {
            // [PAD] positions that fill up keep their place, present or absent.
            playerOf[players[i]] = i;
        }

        return new SamplePlayers(new PlayerLayout(Count, playerOf), players);
    }

    /// <summary>What the players of a sample are called: their words.</summary>
    public IReadOnlyList<string> Names(Sample sample, SamplePlayers players, IReadOnlyList<string> words) => _spec.Groups is { } groups
        ? [.. groups.Select(group => string.Join(' ', group.Select(position => words[(int)sample.Values[position]])))]
        : [.. players.Players.Select(position => words[(int)sample.Values[position]])];

    private static void CheckGroups(IReadOnlyList<IReadOnlyList<int>> groups, int length, SpecFaults faults)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            for (var j = 0; j < groups[i].Count; j++)
            {
                if (groups[i][j] >= length)
                {
                    faults.Add($"players.groups[{i}][{j}]", $"position {groups[i][j]} is outside 0..{length - 1}");
                }
            }
        }
    }

    /// <summary>With all tokens, n is that of the first sample named; samples drawn at random have no first one.</summary>
    private bool CountAll(SampleSelection? samples, IDataset dataset, SpecFaults faults, int most)
    {
        var first = samples switch
        {
            SampleSelection.ByIndex list => list.Indices[0],
            SampleSelection.ByRange range => range.From,
            _ => (int?)null,
        };
        if (first is not { } index)
        {
            faults.Add("players.select", "texts drawn at random differ in length: how many tokens is required");
            return false;
        }

        if (index >= dataset.Summary.Count)
        {
            // The selection itself is at fault and says so.
            return false;
        }

        Count = Candidates(dataset.Get(index)).Length;
        if (Count == 0 || Count > most)
        {
            faults.Add("players.select", Count == 0 ? $"sample {index} has no token that can be a player" : $"sample {index}: {SpecLimits.FaultOfPlayers(Count, most)}; give select");
        }

        return Count > 0 && Count <= most;
    }

    private IEnumerable<int> Pads(Sample sample) => Enumerable.Range(0, sample.Values.Length).Where(position => (int)sample.Values[position] == _pad);

    private int[] Candidates(Sample sample) =>
        [.. Enumerable.Range(0, sample.Values.Length).Where(position => (int)sample.Values[position] is var id && id != _pad && !_stopped.Contains(id))];
}
