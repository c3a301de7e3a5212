namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>The paper's Table II for the user's data.</summary>
/// <param name="Columns">What is compared: of the paper's four what the study measures.</param>
/// <param name="Rows">One row a variant, in the order of the spec.</param>
public sealed record CapabilityTable(IReadOnlyList<CapabilityColumn> Columns, IReadOnlyList<CapabilityRow> Rows);

/// <summary>What is compared.</summary>
public enum Capability
{
    /// <summary>The area between the curves of accuracy under surrounding and under random masking.</summary>
    Structure,

    /// <summary>The training loss; lower is stronger.</summary>
    Fitting,

    /// <summary>The test loss minus the training loss; lower is stronger.</summary>
    Generalization,

    /// <summary>Accuracy under attack by projected gradient descent.</summary>
    Robustness,
}

/// <summary>A column.</summary>
/// <param name="Name">Which.</param>
/// <param name="Title">As the paper heads it.</param>
/// <param name="Measure">The number in its cells.</param>
/// <param name="HigherIsStronger">Whether a larger number is a stronger ability.</param>
public sealed record CapabilityColumn(Capability Name, string Title, string Measure, bool HigherIsStronger);

/// <summary>A row; a cell is null where it was not measured, or not yet.</summary>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Structure">Structural modelling.</param>
/// <param name="Fitting">Fitting.</param>
/// <param name="Generalization">Generalization.</param>
/// <param name="Robustness">Adversarial robustness.</param>
/// <param name="TestAccuracy">Accuracy on the testing split, until the tests are finished that of the trainings that are; not of Table II.</param>
public sealed record CapabilityRow(
    string Variant, CapabilityCell? Structure, CapabilityCell? Fitting, CapabilityCell? Generalization, CapabilityCell? Robustness, SeedMean? TestAccuracy);

/// <summary>How strong an ability is among the variants.</summary>
public enum CapabilityWord
{
    /// <summary>Among the weakest third, at least the weakest.</summary>
    Low,

    /// <summary>Between.</summary>
    Medium,

    /// <summary>Among the strongest third, at least the strongest.</summary>
    High,
}

/// <summary>A cell.</summary>
/// <param name="Value">Mean over seeds; null where a seed gave no number.</param>
/// <param name="StandardError">Its standard error; null with one seed.</param>
/// <param name="Values">What each seed gave.</param>
/// <param name="Rank">1 for the strongest variant; equal numbers share the better rank.</param>
/// <param name="Word">The word of the rank.</param>
/// <param name="Words">Every word that the errors allow, weakest first: more than one where ties leave it open.</param>
/// <param name="TiedWith">Variants whose numbers differ from this one by no more than the error.</param>
/// <param name="Expected">The paper's word; null where it has none for this variant.</param>
/// <param name="Agrees">True where <paramref name="Expected"/> is the only word allowed, false where it is not allowed, null where ties leave it open or nothing is expected.</param>
public sealed record CapabilityCell(
    double? Value, double? StandardError, IReadOnlyList<double?> Values, int? Rank, CapabilityWord? Word, IReadOnlyList<CapabilityWord> Words,
    IReadOnlyList<string> TiedWith, CapabilityWord? Expected, bool? Agrees);

/// <summary>Accuracy of a variant under masking.</summary>
/// <param name="Variant">Its name.</param>
/// <param name="Points">One entry a ratio.</param>
public sealed record StructureCurve(string Variant, IReadOnlyList<StructureCurvePoint> Points);

/// <summary>Accuracy at one ratio, means over seeds.</summary>
/// <param name="Ratio">Share of the patches that are masked.</param>
/// <param name="Random">With random patches masked.</param>
/// <param name="Surrounding">With the patches farthest from the middle masked.</param>
public sealed record StructureCurvePoint(double Ratio, SeedMean Random, SeedMean Surrounding);
