namespace InteractionLab.Models.Demo;

/// <summary>A trained network and pictures to look at it with, in the forms that users upload.</summary>
/// <param name="ModelName">A name for the model.</param>
/// <param name="Onnx">The network: input <c>input</c> [batch, 3, 16, 16] normalised, output <c>logits</c> [batch, 4].</param>
/// <param name="DatasetName">A name for the dataset.</param>
/// <param name="DatasetFileName">What the dataset's file would be called.</param>
/// <param name="Dataset">A zip of class folders of PNG pictures the network was not trained on.</param>
/// <param name="DatasetFormat">The format to import it in.</param>
/// <param name="DatasetOptions">The options to import it with, JSON.</param>
/// <param name="ClassNames">By class.</param>
/// <param name="Accuracy">Share of other unseen pictures that the network classifies rightly, 0..1.</param>
public sealed record DemoAssets(string ModelName, byte[] Onnx, string DatasetName, string DatasetFileName, byte[] Dataset, string DatasetFormat, string DatasetOptions, IReadOnlyList<string> ClassNames, double Accuracy);
