using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Common;

/// <summary>A sample's players.</summary>
/// <param name="Layout">Which player owns each cell of the input.</param>
/// <param name="Players">What player i is: its grid cell, its column, or its group.</param>
internal sealed record SamplePlayers(PlayerLayout Layout, int[] Players);

/// <summary>The players of every sample of one job: a pure function of the spec, the sample shape and the sample's index (of a text: its words), or of its attribution.</summary>
internal sealed class PlayerPlan
{
    private readonly PlayersSpec _spec;
    private readonly int _outside;
    private readonly int _cells;

    // Grid cell of each cell of the input; null where players are made of input cells themselves.
    private readonly int[]? _patchOf;
    private readonly TokenPlayers? _tokens;
    private SamplePlayers? _shared;

    private PlayerPlan(PlayersSpec spec, IReadOnlyList<int> shape, bool keepOutside, int players)
    {
        _spec = spec;
        _outside = keepOutside ? PlayerLayout.Keep : PlayerLayout.Absent;
        _cells = shape.Aggregate(1, (product, side) => product * side);
        _patchOf = spec.Rows is { } rows ? Patches(shape, rows, spec.Columns!.Value) : null;
        Count = players;
    }

    private PlayerPlan(PlayersSpec spec, TokenPlayers tokens)
    {
        _spec = spec;
        _tokens = tokens;
        Count = tokens.Count;
    }

    /// <summary>n, the same for every sample.</summary>
    public int Count { get; }

    /// <summary>Says why a sample has not the players asked for, null where it has; null where every sample has them.</summary>
    public Func<Sample, string?>? Unfit => _tokens is null ? null : _tokens.Unfit;

    /// <summary>Something the reader of the result should know, or null.</summary>
    public string? Note { get; private init; }

    /// <summary>The players of texts, from the words of their samples; null, with faults recorded, where they do not fit.</summary>
    public static PlayerPlan? OfTexts(PlayersSpec spec, SampleSelection? samples, IDataset dataset, bool keepOutside, SpecFaults faults, int most)
    {
        if (spec.Type != PlayersKind.Tokens)
        {
            faults.Add("players.type", "texts have tokens as players");
            return null;
        }

        var tokens = TokenPlayers.Create(spec, samples, dataset, keepOutside, faults, most);
        return tokens is null || !faults.IsClean("players") ? null : new PlayerPlan(spec, tokens);
    }

    /// <summary>
    /// Checks the players against the shape of a sample; null, with faults recorded, where they do not fit or where
    /// reading them found faults already.
    /// </summary>
    public static PlayerPlan? Create(PlayersSpec spec, IReadOnlyList<int> shape, bool keepOutside, SpecFaults faults, int most = SpecLimits.MostPlayers)
    {
        var players = CountPlayers(spec, shape, faults, most);
        if (!faults.IsClean("players"))
        {
            return null;
        }

        var uneven = spec.Rows is { } rows && (shape[1] % rows != 0 || shape[2] % spec.Columns != 0);
        return new PlayerPlan(spec, shape, keepOutside, players)
        {
            Note = uneven
                ? $"A picture of {shape[1]}x{shape[2]} pixels is no multiple of the {spec.Rows}x{spec.Columns} grid: its patches differ by one pixel a side."
                : null,
        };
    }

    /// <summary>Whether a network's attribution chooses the players: then <see cref="Strongest"/> makes them.</summary>
    public bool ByAttribution => _spec.By == PlayerChoice.Attribution;

    /// <summary>The players where attribution chooses: the grid cells with the largest summed magnitudes, ascending; of equal ones the first.</summary>
    /// <param name="attribution">One number a cell of the input.</param>
    public SamplePlayers Strongest(IReadOnlyList<double> attribution)
    {
        var sums = new double[_spec.Rows!.Value * _spec.Columns!.Value];
        for (var i = 0; i < attribution.Count; i++)
        {
            sums[_patchOf![i]] += Math.Abs(attribution[i]);
        }

        return OfPatches([.. Enumerable.Range(0, sums.Length).OrderByDescending(patch => sums[patch]).ThenBy(patch => patch).Take(Count).Order()]);
    }

    /// <summary>The players of a sample.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="sample">The sample itself, which only texts are asked for.</param>
    public SamplePlayers For(int index, Func<Sample> sample) => _tokens is null ? For(index) : _tokens.For(sample());

    /// <summary>What the players of a sample are called; null where they have numbers only.</summary>
    public IReadOnlyList<string>? Names(Sample sample, IReadOnlyList<string>? words) =>
        _tokens is null || words is null ? null : _tokens.Names(sample, _tokens.For(sample), words);

    /// <summary>The players of sample <paramref name="index"/> of pictures or tables.</summary>
    public SamplePlayers For(int index)
    {
        if (_spec.By == PlayerChoice.Random)
        {
            return OfPatches(RandomPlayers.Draw(_spec.Seed!.Value, index, _spec.Rows!.Value * _spec.Columns!.Value, Count));
        }

        return _shared ??= _spec.Type switch
        {
            PlayersKind.Grid => OfPatches([.. _spec.Cells ?? Enumerable.Range(0, Count)]),
            PlayersKind.Columns => new SamplePlayers(new PlayerLayout(Count, [.. Enumerable.Range(0, Count)]), [.. Enumerable.Range(0, Count)]),
            _ => OfGroups(_spec.Groups!),
        };
    }

    private static int CountPlayers(PlayersSpec spec, IReadOnlyList<int> shape, SpecFaults faults, int most)
    {
        if (spec.Rows is { } rows && spec.Columns is { } columns && CheckGrid(rows, columns, shape, faults) is false)
        {
            return 0;
        }

        switch (spec.Type)
        {
            case PlayersKind.Grid:
                return spec.Select?.Number ?? spec.Rows * spec.Columns ?? 0;
            case PlayersKind.Tokens:
                faults.Add("players.type", "tokens need a dataset of texts");
                return 0;
            case PlayersKind.Columns when shape.Count != 1:
                faults.Add("players.type", $"columns need a table; the dataset's samples have shape {Shapes.Show(shape)}");
                return 0;
            case PlayersKind.Columns:
                if (shape[0] > most)
                {
                    faults.Add("players", SpecLimits.FaultOfPlayers(shape[0], most));
                }

                return shape[0];
            default:
                CheckGroups(spec, shape, faults);
                return spec.Groups?.Count ?? 0;
        }
    }

    private static bool CheckGrid(int rows, int columns, IReadOnlyList<int> shape, SpecFaults faults)
    {
        if (shape.Count != 3)
        {
            faults.Add("players.type", $"a grid needs pictures [channels, height, width]; the dataset's samples have shape {Shapes.Show(shape)}");
            return false;
        }

        if (rows > shape[1])
        {
            faults.Add("players.rows", $"{rows} rows of a picture {shape[1]} pixels high");
        }

        if (columns > shape[2])
        {
            faults.Add("players.columns", $"{columns} columns of a picture {shape[2]} pixels wide");
        }

        return rows <= shape[1] && columns <= shape[2];
    }

    private static void CheckGroups(PlayersSpec spec, IReadOnlyList<int> shape, SpecFaults faults)
    {
        // Grid cells were checked against the grid when they were read.
        var bound = shape.Aggregate(1, (product, side) => product * side);
        for (var i = 0; spec.Rows is null && i < (spec.Groups?.Count ?? 0); i++)
        {
            for (var j = 0; j < spec.Groups![i].Count; j++)
            {
                if (spec.Groups[i][j] >= bound)
                {
                    faults.Add($"players.groups[{i}][{j}]", $"cell {spec.Groups[i][j]} is outside 0..{bound - 1}");
                }
            }
        }
    }

    private static int[] Patches(IReadOnlyList<int> shape, int rows, int columns)
    {
        var (height, width) = (shape[1], shape[2]);
        var patchOf = new int[shape[0] * height * width];
        for (var i = 0; i < patchOf.Length; i++)
        {
            var (y, x) = (i / width % height, i % width);
            patchOf[i] = (int)((long)y * rows / height * columns + (long)x * columns / width);
        }

        return patchOf;
    }

    private SamplePlayers OfPatches(int[] patches)
    {
        var playerOfPatch = new int[_spec.Rows!.Value * _spec.Columns!.Value];
        Array.Fill(playerOfPatch, _outside);
        for (var i = 0; i < patches.Length; i++)
        {
            playerOfPatch[patches[i]] = i;
        }

        return new SamplePlayers(new PlayerLayout(Count, [.. _patchOf!.Select(patch => playerOfPatch[patch])]), patches);
    }

    private SamplePlayers OfGroups(IReadOnlyList<IReadOnlyList<int>> groups)
    {
        var unit = new int[_spec.Rows * _spec.Columns ?? _cells];
        Array.Fill(unit, _outside);
        for (var i = 0; i < groups.Count; i++)
        {
            foreach (var cell in groups[i])
            {
                unit[cell] = i;
            }
        }

        var playerOf = _patchOf is null ? unit : [.. _patchOf.Select(patch => unit[patch])];
        return new SamplePlayers(new PlayerLayout(Count, playerOf), [.. Enumerable.Range(0, groups.Count)]);
    }
}
