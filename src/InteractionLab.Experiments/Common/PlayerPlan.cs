using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Common;

/// <summary>A sample's players.</summary>
/// <param name="Layout">Which player owns each cell of the tensor that is masked.</param>
/// <param name="Players">What player i is: its grid cell, its column, or its group.</param>
internal sealed record SamplePlayers(PlayerLayout Layout, int[] Players);

/// <summary>The players of every sample of one job: a pure function of the spec, the sample shape and the sample's index (of a text: its words), or of its attribution.</summary>
internal sealed class PlayerPlan
{
    private readonly PlayersSpec _spec;
    private readonly int _outside;
    private readonly int _cells;

    // Grid cell of each cell of the tensor, -1 for cells of none; null where players are made of its cells themselves.
    private readonly int[]? _patchOf;
    private readonly TokenPlayers? _tokens;

    // Cells of the tensor for each position of a text or of a cut tensor [positions, width].
    private readonly int _width = 1;

    // Positions that may be players where no text says it.
    private readonly int[] _positions = [];
    private SamplePlayers? _shared;

    private PlayerPlan(PlayersSpec spec, MaskedSpace space, bool keepOutside, int players)
    {
        _spec = spec;
        _outside = keepOutside ? PlayerLayout.Keep : PlayerLayout.Absent;
        _cells = space.Cells;
        _patchOf = spec.Rows is { } rows ? Patches(space.Picture()!, rows, spec.Columns!.Value) : null;
        Count = players;
        if (spec.Type == PlayersKind.Tokens)
        {
            (_width, _positions) = (space.Shape[1], Positions(space));
        }
    }

    private PlayerPlan(PlayersSpec spec, TokenPlayers tokens, int width)
    {
        _spec = spec;
        _tokens = tokens;
        _width = width;
        Count = tokens.Count;
    }

    /// <summary>n, the same for every sample.</summary>
    public int Count { get; }

    /// <summary>Says why a sample has not the players asked for, null where it has; null where every sample has them.</summary>
    public Func<Sample, string?>? Unfit => _tokens is null ? null : _tokens.Unfit;

    /// <summary>Something the reader of the result should know, or null.</summary>
    public string? Note { get; private init; }

    /// <summary>
    /// The players of texts, from the words of their samples; null, with faults recorded, where they do not fit. At a cut the
    /// tensor has a row for each word.
    /// </summary>
    public static PlayerPlan? OfTexts(PlayersSpec spec, SampleSelection? samples, IDataset dataset, bool keepOutside, SpecFaults faults, int most, MaskedSpace? cut = null)
    {
        if (cut is not null && spec.Type != PlayersKind.Tokens)
        {
            return Create(spec, cut, keepOutside, faults, most);
        }

        if (spec.Type != PlayersKind.Tokens)
        {
            faults.Add("players.type", "texts have tokens as players");
            return null;
        }

        var positions = dataset.Summary.SampleShape[0];
        if (cut is not null && (cut.Shape.Count < 2 || cut.Shape[0] != positions))
        {
            faults.Add("cut", $"tokens need a tensor with a row for each of the {positions} positions; {cut.Described}");
            return null;
        }

        var tokens = TokenPlayers.Create(spec, samples, dataset, keepOutside, faults, most);
        return tokens is null || !faults.IsClean("players") ? null : new PlayerPlan(spec, tokens, cut is null ? 1 : cut.Cells / positions);
    }

    /// <summary>As <see cref="Create(PlayersSpec, MaskedSpace, bool, SpecFaults, int)"/>, of players in the input.</summary>
    public static PlayerPlan? Create(PlayersSpec spec, IReadOnlyList<int> shape, bool keepOutside, SpecFaults faults, int most = SpecLimits.MostPlayers) =>
        Create(spec, new MaskedSpace(shape), keepOutside, faults, most);

    /// <summary>
    /// Checks the players against the tensor that is masked; null, with faults recorded, where they do not fit or where
    /// reading them found faults already.
    /// </summary>
    public static PlayerPlan? Create(PlayersSpec spec, MaskedSpace space, bool keepOutside, SpecFaults faults, int most = SpecLimits.MostPlayers)
    {
        var players = CountPlayers(spec, space, faults, most);
        if (!faults.IsClean("players"))
        {
            return null;
        }

        var uneven = spec.Rows is { } rows && space.Picture() is { } picture && (picture.Height % rows != 0 || picture.Width % spec.Columns != 0) ? picture : null;
        return new PlayerPlan(spec, space, keepOutside, players)
        {
            Note = uneven is null
                ? null
                : space.IsCut
                    ? $"The {uneven.Height}x{uneven.Width} places of the cut tensor are no multiple of the {spec.Rows}x{spec.Columns} grid: its patches differ by one place a side."
                    : $"A picture of {uneven.Height}x{uneven.Width} pixels is no multiple of the {spec.Rows}x{spec.Columns} grid: its patches differ by one pixel a side.",
        };
    }

    /// <summary>Whether a network's attribution chooses the players: then <see cref="Strongest"/> makes them.</summary>
    public bool ByAttribution => _spec.By == PlayerChoice.Attribution;

    /// <summary>The players where attribution chooses: the grid cells with the largest summed magnitudes, ascending; of equal ones the first.</summary>
    /// <param name="attribution">One number a cell of the tensor that is masked.</param>
    public SamplePlayers Strongest(IReadOnlyList<double> attribution)
    {
        var sums = new double[_spec.Rows!.Value * _spec.Columns!.Value];
        for (var i = 0; i < attribution.Count; i++)
        {
            if (_patchOf![i] is >= 0 and var patch)
            {
                sums[patch] += Math.Abs(attribution[i]);
            }
        }

        return OfPatches([.. Enumerable.Range(0, sums.Length).OrderByDescending(patch => sums[patch]).ThenBy(patch => patch).Take(Count).Order()]);
    }

    /// <summary>The players of a sample.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="sample">The sample itself, which only texts are asked for.</param>
    public SamplePlayers For(int index, Func<Sample> sample) => _tokens is null ? For(index) : Widened(_tokens.For(sample()));

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

        if (_spec is { Type: PlayersKind.Tokens, Select.Number: not null } && Count < _positions.Length)
        {
            return OfPositions([.. RandomPlayers.Draw(_spec.Seed!.Value, index, _positions.Length, Count).Select(k => _positions[k])]);
        }

        return _shared ??= _spec.Type switch
        {
            PlayersKind.Tokens => _spec.Groups is null ? OfPositions(_positions) : OfGroups(_spec.Groups),
            PlayersKind.Grid => OfPatches([.. _spec.Cells ?? Enumerable.Range(0, Count)]),
            PlayersKind.Columns => new SamplePlayers(new PlayerLayout(Count, [.. Enumerable.Range(0, Count)]), [.. Enumerable.Range(0, Count)]),
            _ => OfGroups(_spec.Groups!),
        };
    }

    private static int CountPlayers(PlayersSpec spec, MaskedSpace space, SpecFaults faults, int most)
    {
        if (spec.Rows is { } rows && spec.Columns is { } columns && CheckGrid(rows, columns, space, faults) is false)
        {
            return 0;
        }

        var shape = space.Shape;

        switch (spec.Type)
        {
            case PlayersKind.Grid:
                return spec.Select?.Number ?? spec.Rows * spec.Columns ?? 0;
            case PlayersKind.Tokens:
                return CountPositions(spec, space, faults, most);
            case PlayersKind.Columns when shape.Count != 1:
                faults.Add("players.type", space.IsCut ? $"columns need a cut tensor [columns]; {space.Described}" : $"columns need a table; {space.Described}");
                return 0;
            case PlayersKind.Columns:
                if (shape[0] > most)
                {
                    faults.Add("players", SpecLimits.FaultOfPlayers(shape[0], most));
                }

                return shape[0];
            default:
                CheckGroups(spec, space.Cells, faults);
                return spec.Groups?.Count ?? 0;
        }
    }

    /// <summary>Positions of a cut tensor [positions, width] as players, where no text says which of them are words.</summary>
    private static int CountPositions(PlayersSpec spec, MaskedSpace space, SpecFaults faults, int most)
    {
        if (space is not { IsCut: true, Shape.Count: 2 })
        {
            faults.Add("players.type", space.IsCut ? $"tokens need a cut tensor [positions, width]; {space.Described}" : "tokens need a dataset of texts");
            return 0;
        }

        if (spec.StopWords is not null)
        {
            faults.Add("players.stopWords", "positions of a cut tensor are no words");
        }

        if (spec.Groups is { } groups)
        {
            CheckGroups(spec, space.Shape[0], faults);
            return groups.Count;
        }

        var positions = Positions(space).Length;
        var count = spec.Select?.Number ?? positions;
        if (count > positions)
        {
            faults.Add("players.select", $"{count} positions of a cut tensor that has {positions}");
        }
        else if (count > most)
        {
            faults.Add("players.select", $"the cut tensor has {positions} positions: {SpecLimits.FaultOfPlayers(count, most)}; give select");
        }

        return count;
    }

    /// <summary>All positions but a class token.</summary>
    private static int[] Positions(MaskedSpace space)
    {
        var first = space.Picture() is { } picture ? space.Shape[0] - (picture.Height * picture.Width) : 0;
        return [.. Enumerable.Range(first, space.Shape[0] - first)];
    }

    private static bool CheckGrid(int rows, int columns, MaskedSpace space, SpecFaults faults)
    {
        if (space.Picture() is not { } picture)
        {
            faults.Add("players.type", space.IsCut
                ? $"a grid needs a cut tensor [channels, height, width], or [positions, width] behind a patch embedding whose positions are the picture's patches; {space.Described}"
                : $"a grid needs pictures [channels, height, width]; {space.Described}");
            return false;
        }

        var (tensor, unit) = space.IsCut ? ("a cut tensor", "places") : ("a picture", "pixels");
        if (rows > picture.Height)
        {
            faults.Add("players.rows", $"{rows} rows of {tensor} {picture.Height} {unit} high");
        }

        if (columns > picture.Width)
        {
            faults.Add("players.columns", $"{columns} columns of {tensor} {picture.Width} {unit} wide");
        }

        return rows <= picture.Height && columns <= picture.Width;
    }

    /// <summary>Grid cells were checked against the grid when they were read.</summary>
    private static void CheckGroups(PlayersSpec spec, int bound, SpecFaults faults)
    {
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

    private static int[] Patches(PicturePlaces picture, int rows, int columns)
    {
        var (height, width) = (picture.Height, picture.Width);
        return [.. picture.PlaceOf.Select(place => place < 0 ? -1 : (int)((long)(place / width) * rows / height * columns + (long)(place % width) * columns / width))];
    }

    private SamplePlayers OfPatches(int[] patches)
    {
        var playerOfPatch = new int[_spec.Rows!.Value * _spec.Columns!.Value];
        Array.Fill(playerOfPatch, _outside);
        for (var i = 0; i < patches.Length; i++)
        {
            playerOfPatch[patches[i]] = i;
        }

        return new SamplePlayers(new PlayerLayout(Count, [.. _patchOf!.Select(patch => patch < 0 ? PlayerLayout.Keep : playerOfPatch[patch])]), patches);
    }

    private SamplePlayers OfGroups(IReadOnlyList<IReadOnlyList<int>> groups)
    {
        var unit = new int[_spec.Rows * _spec.Columns ?? (_cells / _width)];
        Array.Fill(unit, _outside);
        for (var i = 0; i < groups.Count; i++)
        {
            foreach (var cell in groups[i])
            {
                unit[cell] = i;
            }
        }

        var playerOf = _patchOf is null ? unit : [.. _patchOf.Select(patch => patch < 0 ? PlayerLayout.Keep : unit[patch])];
        return Widened(new SamplePlayers(new PlayerLayout(Count, playerOf), [.. Enumerable.Range(0, groups.Count)]));
    }

    /// <summary>Positions as players; those before the first that may be one (a class token) keep their value.</summary>
    private SamplePlayers OfPositions(int[] positions)
    {
        var playerOf = new int[_cells / _width];
        Array.Fill(playerOf, PlayerLayout.Keep, 0, _positions[0]);
        Array.Fill(playerOf, _outside, _positions[0], playerOf.Length - _positions[0]);
        for (var i = 0; i < positions.Length; i++)
        {
            playerOf[positions[i]] = i;
        }

        return Widened(new SamplePlayers(new PlayerLayout(Count, playerOf), positions));
    }

    /// <summary>A layout over positions as one over their cells.</summary>
    private SamplePlayers Widened(SamplePlayers players) => _width == 1
        ? players
        : players with { Layout = new PlayerLayout(Count, [.. players.Layout.PlayerOf.SelectMany(player => Enumerable.Repeat(player, _width))]) };
}
