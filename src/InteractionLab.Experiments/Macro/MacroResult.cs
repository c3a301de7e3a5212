namespace InteractionLab.Experiments.Macro;

/// <summary>The result of a macro job.</summary>
public sealed record MacroResult
{
    /// <summary>One entry a model, in the order of the spec; parts are null where they were not asked for or are not finished.</summary>
    public required IReadOnlyList<MacroModel> Models { get; init; }

    /// <summary>Test samples.</summary>
    public required int TestSamples { get; init; }

    /// <summary>Rows of network input that were run, three for each gradient of the attack.</summary>
    public required long ForwardPasses { get; init; }

    /// <summary>Those that earlier jobs on the same samples had run.</summary>
    public required long SavedPasses { get; init; }

    /// <summary>Finished cells.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>What one model does.</summary>
/// <param name="Model">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Structure">Accuracy under masking.</param>
/// <param name="Fit">Losses.</param>
/// <param name="Robustness">Accuracy under attack.</param>
public sealed record MacroModel(string Model, string Name, StructureResult? Structure, FitResult? Fit, RobustnessResult? Robustness);

/// <summary>Accuracy by share of masked patches.</summary>
/// <param name="Points">One entry a ratio.</param>
/// <param name="Area">∫ (surrounding - random) d ratio by the trapezoid rule, divided by the range of ratios: above 0 where the model leans on the whole shape.</param>
public sealed record StructureResult(IReadOnlyList<StructurePoint> Points, double Area);

/// <summary>Accuracy at one ratio.</summary>
/// <param name="Ratio">Share of the patches that are masked.</param>
/// <param name="Masked">How many patches that is.</param>
/// <param name="Random">Accuracy with random patches masked, drawn for each sample.</param>
/// <param name="Surrounding">Accuracy with the patches farthest from the middle masked.</param>
public sealed record StructurePoint(double Ratio, int Masked, double Random, double Surrounding);

/// <summary>Fitting and generalization.</summary>
/// <param name="TrainLoss">Mean cross-entropy on the training samples: fitting.</param>
/// <param name="TestLoss">Mean cross-entropy on the test samples.</param>
/// <param name="Gap">Test loss - training loss: generalization.</param>
/// <param name="TrainAccuracy">Accuracy on the training samples.</param>
/// <param name="TestAccuracy">Accuracy on the test samples.</param>
public sealed record FitResult(double TrainLoss, double TestLoss, double Gap, double TrainAccuracy, double TestAccuracy);

/// <summary>Robustness.</summary>
/// <param name="CleanAccuracy">Accuracy on the samples as they are.</param>
/// <param name="AttackedAccuracy">Accuracy on the attacked samples.</param>
/// <param name="Samples">Test samples attacked.</param>
public sealed record RobustnessResult(double CleanAccuracy, double AttackedAccuracy, int Samples);
