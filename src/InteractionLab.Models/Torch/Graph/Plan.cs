namespace InteractionLab.Models.Torch.Graph;

/// <summary>Steps in order, and for each the slots that nobody reads any more after it.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Frees">Slots to free, by step.</param>
/// <param name="Outputs">The slots asked for.</param>
/// <param name="Reads">Slots that anything reads or asks for.</param>
internal sealed record Plan(Step[] Steps, int[][] Frees, int[] Outputs, bool[] Reads)
{
    /// <param name="steps">All steps of the graph.</param>
    /// <param name="outputs">The slots asked for.</param>
    /// <param name="given">Slots that are fed though steps could compute them.</param>
    /// <param name="slots">Number of slots.</param>
    public static Plan Build(IReadOnlyList<Step> steps, int[] outputs, IReadOnlySet<int> given, int slots)
    {
        var needed = new bool[slots];
        foreach (var output in outputs)
        {
            needed[output] = true;
        }

        var chosen = new List<Step>();
        var frees = new List<int[]>();
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var step = steps[i];
            if (!step.Outputs.Any(slot => slot >= 0 && needed[slot] && !given.Contains(slot)))
            {
                continue;
            }

            // Going backwards, the first reader met is the last to run; outputs of the pass were marked beforehand.
            var last = step.Inputs.Where(slot => slot >= 0 && !needed[slot]).Distinct().ToList();
            last.AddRange(step.Outputs.Where(slot => slot >= 0 && !needed[slot]));
            foreach (var slot in step.Inputs.Where(slot => slot >= 0))
            {
                needed[slot] = true;
            }

            chosen.Add(step);
            frees.Add([.. last]);
        }

        chosen.Reverse();
        frees.Reverse();
        return new Plan([.. chosen], [.. frees], outputs, needed);
    }
}
