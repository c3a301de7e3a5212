namespace InteractionLab.Server.Components.Experiments;

/// <summary>The forms of one visit to the page of new experiments: by kind, each with the component that draws it.</summary>
internal sealed class ExperimentForms
{
    private readonly Dictionary<string, (ISpecForm Form, Type Fields)> _forms = new()
    {
        ["masked-samples"] = (new MaskedSamplesForm(), typeof(MaskedSamplesFields)),
        ["games"] = (new GamesForm(), typeof(GamesFields)),
        ["training"] = (new TrainingForm(), typeof(TrainingFields)),
        ["pruning-sweep"] = (new PruningSweepForm(), typeof(PruningSweepFields)),
        ["training-dynamics"] = (new TrainingDynamicsForm(), typeof(TrainingDynamicsFields)),
        ["training-study"] = (new TrainingStudyForm(), typeof(TrainingStudyFields)),
        ["bottleneck"] = (new BottleneckForm(), typeof(BottleneckFields)),
        ["modulation-study"] = (new ModulationStudyForm(), typeof(ModulationStudyFields)),
        ["macro"] = (new MacroForm(), typeof(MacroFields)),
    };

    /// <summary>Whether a kind has a form.</summary>
    public bool Has(string kind) => _forms.ContainsKey(kind);

    /// <summary>The form of a kind.</summary>
    public ISpecForm Form(string kind) => _forms[kind].Form;

    /// <summary>The component that draws it.</summary>
    public Type Fields(string kind) => _forms[kind].Fields;
}
