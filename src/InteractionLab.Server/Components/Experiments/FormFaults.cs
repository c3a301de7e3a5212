using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The faults of a spec, each placed at the field of the form it belongs to.</summary>
public sealed class FormFaults
{
    private readonly Dictionary<string, List<string>> placed = [];
    private readonly string prefix = "";

    private FormFaults(FormFaults whole, string prefix)
    {
        (Fault, Unplaced, placed) = (whole.Fault, whole.Unplaced, whole.placed);
        this.prefix = whole.prefix + prefix + ".";
    }

    private FormFaults(Fault? fault, IReadOnlyCollection<string> fields)
    {
        Fault = fault;
        foreach (var (path, reasons) in fault?.Errors ?? new Dictionary<string, string[]>())
        {
            // The longest field that is the path itself or an ancestor of it; players.cells[3] belongs to players.cells.
            var field = fields.Where(f => path == f || (path.StartsWith(f, StringComparison.Ordinal) && path[f.Length] is '.' or '[')).MaxBy(f => f.Length);
            if (field is null)
            {
                Unplaced.AddRange(reasons.Select(why => (path, why)));
                continue;
            }

            var list = placed.TryGetValue(field, out var known) ? known : placed[field] = [];
            list.AddRange(reasons.Select(why => path == field ? why : $"{path}: {why}"));
        }
    }

    /// <summary>No faults.</summary>
    public static FormFaults None { get; } = new(null, []);

    /// <summary>What was refused, in one sentence; null where nothing was.</summary>
    public Fault? Fault { get; }

    /// <summary>Faults that belong to no field of the form.</summary>
    public List<(string Path, string Why)> Unplaced { get; } = [];

    /// <summary>Places the errors of a fault.</summary>
    public static FormFaults From(Fault? fault, IReadOnlyCollection<string> fields) => fault is null ? None : new(fault, fields);

    /// <summary>The same faults for a part of the form whose fields stand under a field of the spec: <c>training.epochs</c> is its <c>epochs</c>.</summary>
    public FormFaults Under(string part) => new(this, part);

    /// <summary>The path of a field in the whole spec.</summary>
    public string Path(string field) => prefix + field;

    /// <summary>The id of a field's control: two parts of a form may each have a field of one name.</summary>
    public string Id(string field) => "f-" + TestId(field);

    /// <summary>What a test finds a field's control by.</summary>
    public string TestId(string field) => Path(field).Replace('.', '-');

    /// <summary>The faults at a field.</summary>
    public IReadOnlyList<string> At(string field) => placed.TryGetValue(Path(field), out var list) ? list : [];

    /// <summary>The value of <c>aria-invalid</c> at a field.</summary>
    public string? Invalid(string field) => placed.ContainsKey(Path(field)) ? "true" : null;
}
