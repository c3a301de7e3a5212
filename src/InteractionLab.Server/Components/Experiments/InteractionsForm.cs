using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Solver and salience, which every kind has.</summary>
public sealed class InteractionsForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["interactions.solver", "interactions.noise", "interactions.gap", "interactions.iterations", "interactions.learningRate", "salience.rule", "salience.factor", "salience.k"];

    public string Solver { get; set; } = "certified";

    public string Noise { get; set; } = "0.02";

    public string Gap { get; set; } = "0.001";

    public string Iterations { get; set; } = "";

    public string LearningRate { get; set; } = "";

    public string Rule { get; set; } = "mean-span";

    public string Factor { get; set; } = "0.05";

    public string K { get; set; } = "20";

    /// <summary>Adds both parts to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        var interactions = new JsonObject { ["solver"] = Solver };
        if (Solver != "half")
        {
            interactions.With("noise", FormText.Number(Noise)).With("iterations", FormText.Number(Iterations));
        }

        if (Solver == "certified")
        {
            interactions.With("gap", FormText.Number(Gap));
        }
        else if (Solver == "paper")
        {
            interactions.With("learningRate", FormText.Number(LearningRate));
        }

        spec["interactions"] = interactions;
        spec["salience"] = Rule == "top-k"
            ? new JsonObject { ["rule"] = Rule }.With("k", FormText.Number(K))
            : new JsonObject { ["rule"] = Rule }.With("factor", FormText.Number(Factor));
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("interactions") is { } interactions)
        {
            Solver = interactions.Read("solver") ?? Solver;
            Noise = interactions.Read("noise") ?? Noise;
            Gap = interactions.Read("gap") ?? Gap;
            Iterations = interactions.Read("iterations") ?? "";
            LearningRate = interactions.Read("learningRate") ?? "";
        }

        if (spec.Get("salience") is { } salience)
        {
            Rule = salience.Read("rule") ?? Rule;
            Factor = salience.Read("factor") ?? Factor;
            K = salience.Read("k") ?? K;
        }
    }
}
