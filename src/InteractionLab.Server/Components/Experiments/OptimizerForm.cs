using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The update rule and the learning-rate schedule of a training spec.</summary>
public sealed class OptimizerForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields =
    [
        "optimizer", "optimizer.type", "optimizer.learningRate", "optimizer.momentum", "optimizer.nesterov", "optimizer.weightDecay", "optimizer.beta1", "optimizer.beta2", "optimizer.clipNorm",
        "schedule", "schedule.type", "schedule.every", "schedule.gamma", "schedule.minimum", "schedule.rise",
    ];

    /// <summary><c>sgd</c>, <c>adam</c> or <c>adamw</c>.</summary>
    public string Type { get; set; } = "sgd";

    public string LearningRate { get; set; } = "0.1";

    public string Momentum { get; set; } = "0.9";

    public bool Nesterov { get; set; }

    public string WeightDecay { get; set; } = "0.0005";

    public string Beta1 { get; set; } = "0.9";

    public string Beta2 { get; set; } = "0.999";

    public string ClipNorm { get; set; } = "";

    /// <summary><c>constant</c>, <c>step</c>, <c>cosine</c> or <c>one-cycle</c>.</summary>
    public string Schedule { get; set; } = "cosine";

    public string Every { get; set; } = "10";

    public string Gamma { get; set; } = "0.1";

    public string Minimum { get; set; } = "0";

    public string Rise { get; set; } = "0.3";

    /// <summary>Moves to a learning rate that is usual for the rule, where the other rule's usual one stands.</summary>
    public void FitRate()
    {
        LearningRate = (Type, LearningRate) switch
        {
            ("sgd", "0.001") => "0.1",
            (not "sgd", "0.1") => "0.001",
            var (_, rate) => rate,
        };
    }

    /// <summary>Adds both parts to a spec; only what belongs to the rule and the schedule.</summary>
    public void WriteTo(JsonObject spec)
    {
        var optimizer = new JsonObject { ["type"] = Type }.With("learningRate", FormText.Number(LearningRate)).With("weightDecay", FormText.Number(WeightDecay)).With("clipNorm", FormText.Number(ClipNorm));
        if (Type == "sgd")
        {
            optimizer.With("momentum", FormText.Number(Momentum))["nesterov"] = Nesterov;
        }
        else
        {
            optimizer.With("beta1", FormText.Number(Beta1)).With("beta2", FormText.Number(Beta2));
        }

        spec["optimizer"] = optimizer;
        var schedule = new JsonObject { ["type"] = Schedule };
        spec["schedule"] = Schedule switch
        {
            "step" => schedule.With("every", FormText.Number(Every)).With("gamma", FormText.Number(Gamma)),
            "cosine" => schedule.With("minimum", FormText.Number(Minimum)),
            "one-cycle" => schedule.With("rise", FormText.Number(Rise)),
            _ => schedule,
        };
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("optimizer") is { } optimizer)
        {
            Type = optimizer.Read("type") ?? Type;
            LearningRate = optimizer.Read("learningRate") ?? LearningRate;
            Momentum = optimizer.Read("momentum") ?? Momentum;
            Nesterov = optimizer.Get("nesterov") is { ValueKind: JsonValueKind.True };
            WeightDecay = optimizer.Read("weightDecay") ?? WeightDecay;
            Beta1 = optimizer.Read("beta1") ?? Beta1;
            Beta2 = optimizer.Read("beta2") ?? Beta2;
            ClipNorm = optimizer.Read("clipNorm") ?? "";
        }

        if (spec.Get("schedule") is { } schedule)
        {
            Schedule = schedule.Read("type") ?? Schedule;
            Every = schedule.Read("every") ?? Every;
            Gamma = schedule.Read("gamma") ?? Gamma;
            Minimum = schedule.Read("minimum") ?? Minimum;
            Rise = schedule.Read("rise") ?? Rise;
        }
    }
}
