using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Training;

/// <summary>How a registered model is read in training.</summary>
internal static class TrainedOutput
{
    /// <summary>What a training asks of the model.</summary>
    public static OutputAsk Ask(TrainingSpec spec, DatasetSummary? train) => ModelReadings.Ask(spec, train);

    /// <summary>Checks a model that is to be trained further: its inputs, its output, and that torch runs all of it.</summary>
    public static OutputReading? Check(CatalogModel model, OutputAsk ask, SpecFaults faults)
    {
        if (!faults.IsClean("model") || ModelReadings.Check(model, ask, "model", isOnly: true, faults) is not { } reading)
        {
            return null;
        }

        // The weights that stay in the file run too.
        if (Models.Torch.Gradients.DifferentiableModel.WhyNot(ModelOutput.ApplyForTraining(OnnxModel.Load(File.ReadAllBytes(model.Path)), reading).Model) is { } why)
        {
            faults.Add("model", $"cannot be trained: {why}");
        }

        return reading;
    }

    /// <summary>A registered model as one that takes samples and gives logits, and what gives a trained one its inputs and outputs back.</summary>
    public static (OnnxModel Model, Func<OnnxModel, OnnxModel> Restore) Open(CatalogModel model, OutputAsk ask) =>
        ModelOutput.ApplyForTraining(OnnxModel.Load(File.ReadAllBytes(model.Path)), NetworkFile.Of(model, ask).Reading);
}
