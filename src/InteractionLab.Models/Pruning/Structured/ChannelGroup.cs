namespace InteractionLab.Models.Pruning.Structured;

/// <summary>The indices that a unit takes from one stored axis.</summary>
internal sealed record UnitSlice(int Stored, int[] Indices);

/// <summary>What is removed at once: a channel, a hidden unit, an attention head, with all slices of parameters it touches.</summary>
internal sealed record Unit(int Label, UnitSlice[] Slices);

/// <summary>
/// Units of one kind: all touch the same axes of the same tensors, equally often. An axis that holds one of them holds all
/// of them, so that none becomes empty as long as one unit of each group stays.
/// </summary>
/// <param name="Name">The first stored axis the units touch.</param>
/// <param name="Structure">Which operators read the touched tensors, and where: equal for groups of equal structure.</param>
/// <param name="Units">In the order of their indices.</param>
internal sealed record ChannelGroup(string Name, string Structure, Unit[] Units)
{
    /// <summary>The groups of a graph in file order.</summary>
    public static ChannelGroup[] Find(ChannelGraph graph)
    {
        var kinds = Kinds(graph);
        var slices = new Dictionary<int, List<UnitSlice>>();
        for (var stored = 0; stored < graph.Stored.Count; stored++)
        {
            foreach (var (label, indices) in Occurrences(graph, graph.Stored[stored].Sets))
            {
                slices.TryAdd(label, []);
                slices[label].Add(new UnitSlice(stored, [.. indices]));
            }
        }

        var readers = Readers(graph);
        return [.. slices.Select(pair => new Unit(pair.Key, [.. pair.Value]))
            .GroupBy(unit => kinds[unit.Label], StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => Describe(graph, readers, [.. group.OrderBy(unit => unit.Slices[0].Indices[0])]))
            .OrderBy(group => group.Units[0].Slices[0].Stored)
            .ThenByDescending(group => group.Units[0].Slices[0].Indices.Length)];
    }

    private static ChannelGroup Describe(ChannelGraph graph, Dictionary<string, string> readers, Unit[] units)
    {
        var (first, indices) = (graph.Stored[units[0].Slices[0].Stored], units[0].Slices[0].Indices);
        var structure = units[0].Slices.Select(slice => graph.Stored[slice.Stored])
            .Select(stored => $"{readers.GetValueOrDefault(stored.Tensor)}/{stored.Axis}")
            .Order(StringComparer.Ordinal);
        return new ChannelGroup(
            $"{first.Tensor}[{first.Axis}]{(indices.Length > 1 ? $" x{indices.Length}" : "")}",
            string.Join(' ', structure),
            units);
    }

    /// <summary>For each stored tensor what reads it: operator, input, and the kernel's size; without channel counts.</summary>
    private static Dictionary<string, string> Readers(ChannelGraph graph) =>
        graph.Graph.Node.SelectMany(node => node.Input.Select((input, i) => (input, reader: $"{node.OpType}.{i}")))
            .Where(pair => graph.Constants.Tensor(pair.input) is not null)
            .GroupBy(pair => pair.input, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => string.Join('+', group.Select(pair => pair.reader).Order(StringComparer.Ordinal)) + $":{string.Join('x', graph.Constants.Tensor(group.Key)!.Dims.Skip(2))}",
                StringComparer.Ordinal);

    /// <summary>For each label, on which axes of the whole graph it stands and how often.</summary>
    private static Dictionary<int, string> Kinds(ChannelGraph graph)
    {
        var kinds = new Dictionary<int, System.Text.StringBuilder>();
        var number = 0;
        foreach (var axis in graph.LabelledAxes.Distinct(ReferenceEqualityComparer.Instance).Cast<int[][]>())
        {
            foreach (var (label, indices) in Occurrences(graph, axis))
            {
                kinds.TryAdd(label, new System.Text.StringBuilder());
                kinds[label].Append(System.Globalization.CultureInfo.InvariantCulture, $"{number}:{indices.Count} ");
            }

            number++;
        }

        return kinds.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
    }

    private static Dictionary<int, List<int>> Occurrences(ChannelGraph graph, int[][] axis)
    {
        var found = new Dictionary<int, List<int>>();
        for (var index = 0; index < axis.Length; index++)
        {
            foreach (var label in graph.Labels.Live(axis[index]))
            {
                found.TryAdd(label, []);
                found[label].Add(index);
            }
        }

        return found;
    }
}
