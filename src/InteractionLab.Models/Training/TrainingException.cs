namespace InteractionLab.Models.Training;

/// <summary>Training cannot go on: the loss is not a number, or the network cannot be trained. The message is for the person who asked for it.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
