using InteractionLab.Models.Inputs;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Outputs;

/// <summary>
/// Reads which tensor of a model the logits are (docs/outputs.md), once its inputs are read (<see cref="ModelInputs"/>).
/// Everything that runs a network on samples of a dataset goes through here, so that masking, training, attacks and
/// attribution mean the same by it.
/// </summary>
public static class ModelOutput
{
    /// <summary>Reads a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ask">What is asked for.</param>
    /// <param name="fault">What is wrong, where the answer is null.</param>
    /// <returns>The reading, or null.</returns>
    public static OutputReading? TryRead(OnnxModel model, OutputAsk ask, out ReadingFault? fault)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ask);
        return ModelInputs.TryRead(model, ask.Inputs, out fault) is { } inputs ? new Reader(ModelInputs.Apply(model, inputs), inputs, ask).Read(out fault) : null;
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelRejectedException">It cannot be read as asked.</exception>
    public static OutputReading Read(OnnxModel model, OutputAsk ask) =>
        TryRead(model, ask, out var fault) ?? throw new ModelRejectedException($"The model {fault!.Why}.");

    /// <summary>The model that gives the logits of a reading for samples: itself where it does so already.</summary>
    public static OnnxModel Apply(OnnxModel model, OutputReading reading)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reading);
        var fed = ModelInputs.Apply(model, reading.Inputs);
        return reading.IsPlain ? fed : OnnxModel.FromProto(OutputSurgery.Apply(fed, reading, whole: false, new HashSet<string>()), reading.IsOneUnit, fed.Notes, fed.PlayersTensor);
    }

    /// <summary>
    /// The model that gives the logits for samples, all else of it in place, and what makes of the model trained (the same graph
    /// with other weights) one with the inputs and outputs it had.
    /// </summary>
    public static (OnnxModel Model, Func<OnnxModel, OnnxModel> Restore) ApplyForTraining(OnnxModel model, OutputReading reading)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reading);
        if (reading is { IsPlain: true, Inputs.IsPlain: true })
        {
            return (model, trained => trained);
        }

        var added = new HashSet<string>(StringComparer.Ordinal);
        var (fed, restoreInputs) = ModelInputs.ApplyForTraining(model, reading.Inputs);
        var outputs = fed.CopyProto().Graph.Output;
        return (reading.IsPlain ? fed : OnnxModel.FromProto(OutputSurgery.Apply(fed, reading, whole: true, added), reading.IsOneUnit, fed.Notes, fed.PlayersTensor), Restore);

        OnnxModel Restore(OnnxModel trained)
        {
            var proto = trained.CopyProto();
            OutputSurgery.Undo(proto, outputs, added);
            restoreInputs(proto);
            return OnnxModel.FromProto(proto);
        }
    }

    private sealed class Reader
    {
        private readonly OnnxModel model;
        private readonly InputReading inputs;
        private readonly OutputAsk ask;
        private readonly ModelProto proto;
        private readonly Lazy<IReadOnlyDictionary<string, Probed>?> probed;
        private IReadOnlyList<OutputCandidate> all;

        public Reader(OnnxModel model, InputReading inputs, OutputAsk ask)
        {
            (this.model, this.inputs, this.ask) = (model, inputs, ask);
            proto = model.CopyProto();
            all = OutputCandidate.Of(model, proto);
            probed = new(() => ask.SampleShape is { } shape ? OutputProbe.Run(model, [.. all.Where(output => output.IsReal).Select(output => output.Tensor).Distinct()], shape) : null);
        }

        public OutputReading? Read(out ReadingFault? fault)
        {
            // A run shows what shapes do not say.
            if (all.Any(output => output.IsReal && !output.IsClear))
            {
                all = [.. all.Select(output => output is { IsReal: true, IsClear: false } && probed.Value?.GetValueOrDefault(output.Tensor) is { } found
                    ? output with { Shape = [output.Shape.Count > 0 ? output.Shape[0] : null, .. found.Shape.Select(side => (long?)side)] }
                    : output)];
            }

            if (Choose(out var why, out fault) is not { } chosen)
            {
                return null;
            }

            var end = new OutputEnd(proto, name => all.FirstOrDefault(output => output.Tensor == name)?.Shape is { Count: > 0 } shape ? shape : null).Find(chosen.Tensor);
            return Take(chosen, end, why, out fault);
        }

        private OutputCandidate? Choose(out string? why, out ReadingFault? fault)
        {
            (why, fault) = (null, null);
            if (ask.As is OutputAs.FirstToken or OutputAs.MeanOfTokens)
            {
                return ChooseOfTokens(out why, out fault);
            }

            var fitting = all.Where(output => output.Fits).ToArray();
            if (ask.Name is { } name)
            {
                var named = all.FirstOrDefault(output => output.Name == name);
                fault = named is null ? new ReadingFault("output", $"there is no output {ModelValidator.Quote(name)}; the model has {Listed()}")
                    : named.Fits ? null
                    : new ReadingFault("output", $"{named.Shown} cannot be scores of classes [batch, classes]; the model has {Listed()}{Pooled}");
                why = "as asked for";
                return fault is null ? named : null;
            }

            if (fitting.Length == 0)
            {
                fault = new ReadingFault(null, $"has no output of logits [batch, classes]; it has {Listed()}{Pooled}");
                return null;
            }

            if (all.Count == 1)
            {
                return fitting[0];
            }

            if (fitting.Length == 1)
            {
                why = "the only one that can be scores of classes [batch, classes]";
                return fitting[0];
            }

            if (ask.Classes is { } classes and > 0)
            {
                var wide = fitting.Where(output => output.Units == classes).ToArray();
                wide = wide.Length > 0 || classes != 2 ? wide : [.. fitting.Where(output => output.Units == 1)];
                if (wide.Length > 0)
                {
                    why = $"its width is the dataset's number of classes, {classes}{(wide.Length > 1 ? $", as that of {wide.Length - 1} other{(wide.Length > 2 ? "s" : "")}" : "")}";
                    return Named(wide) ?? wide[0];
                }
            }

            var best = Named(fitting);
            why = best is null ? "the first of its kind" : "by its name";
            return best ?? fitting.FirstOrDefault(output => output.Shape.Count == 2) ?? fitting[0];
        }

        private OutputCandidate? ChooseOfTokens(out string? why, out ReadingFault? fault)
        {
            fault = null;
            why = ask.Name is null ? "the first with numbers for every token" : "as asked for";
            var chosen = all.FirstOrDefault(output => output.IsOfTokens && output.Name == (ask.Name ?? output.Name));
            fault = chosen is null ? new ReadingFault(ask.Name is null ? "outputAs" : "output", $"{(ask.Name is null ? "there is no output" : $"{ModelValidator.Quote(ask.Name)} is no output")} of numbers for every token [batch, length, width]; the model has {Listed()}")
                : ask.As == OutputAs.MeanOfTokens && Mask is null ? new ReadingFault("outputAs", "a mean of tokens needs the input that says which are tokens: a model with an attention mask")
                : null;
            return fault is null ? chosen : null;
        }

        private string? Mask => inputs.Inputs.FirstOrDefault(input => input.Role == InputRole.Mask)?.Name;

        private static OutputCandidate? Named(IReadOnlyList<OutputCandidate> outputs)
        {
            foreach (var word in new[] { "logits", "logit", "probabilities", "probability", "prob", "scores", "output" })
            {
                if (outputs.FirstOrDefault(output => output.Name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } same)
                {
                    return same;
                }
            }

            foreach (var word in new[] { "logit", "prob" })
            {
                if (outputs.FirstOrDefault(output => output.Name.Contains(word, StringComparison.OrdinalIgnoreCase)) is { } like)
                {
                    return like;
                }
            }

            return null;
        }

        private OutputReading? Take(OutputCandidate chosen, End end, string? why, out ReadingFault? fault)
        {
            fault = null;
            if (ask.As is OutputAs.FirstToken or OutputAs.MeanOfTokens)
            {
                return Reading(chosen, end, ask.As == OutputAs.FirstToken ? OutputSource.FirstToken : OutputSource.MeanOfTokens, (int?)chosen.Shape[^1], why);
            }

            var units = chosen.Units;
            var kind = end.Kind;
            var found = kind is EndKind.Unclear or EndKind.Probabilities || (units is null && chosen.Shape.Count == 0) ? probed.Value?.GetValueOrDefault(chosen.Tensor) : null;
            var source = ask.As switch
            {
                OutputAs.Logits => OutputSource.Logits,
                OutputAs.LogProbabilities => OutputSource.LogProbabilities,
                OutputAs.Probabilities => kind switch
                {
                    EndKind.Softmax => OutputSource.BeforeSoftmax,
                    EndKind.Sigmoid when units == 1 || end.IsPair => OutputSource.BeforeSigmoid,
                    _ => OutputSource.LogOfProbabilities,
                },
                _ => kind switch
                {
                    EndKind.Softmax => OutputSource.BeforeSoftmax,
                    EndKind.LogSoftmax => OutputSource.BeforeLogSoftmax,
                    EndKind.Sigmoid => OutputSource.BeforeSigmoid,
                    EndKind.Probabilities => OutputSource.LogOfProbabilities,
                    EndKind.Unclear when found is { AreProbabilities: true } && units > 1 => OutputSource.LogOfProbabilities,
                    EndKind.Unclear when found is { AreShares: true } => OutputSource.LogOfProbabilities,
                    EndKind.Unclear when found is { AreLogProbabilities: true } && units > 1 => OutputSource.LogProbabilities,
                    _ => OutputSource.Logits,
                },
            };
            var independent = ask.As is null && units > 1 && !end.IsPair
                && (kind == EndKind.Sigmoid || (source == OutputSource.LogOfProbabilities && found is { AreProbabilities: false }));
            if (independent)
            {
                fault = new ReadingFault("outputAs", $"the output {ModelValidator.Quote(chosen.Name)} holds {units} numbers between 0 and 1 that do not sum to 1{(kind == EndKind.Sigmoid ? " (each a sigmoid)" : "")}, so they are no probabilities of {units} classes; say \"probabilities\" to divide them by their sum, or \"logits\" to take them as they are");
                return null;
            }

            if (units == 1 && source is OutputSource.BeforeSoftmax or OutputSource.BeforeLogSoftmax or OutputSource.LogProbabilities && !end.IsPair)
            {
                fault = new ReadingFault(source == OutputSource.LogProbabilities ? "outputAs" : null, $"has one output unit in {ModelValidator.Quote(chosen.Name)}, and {(source == OutputSource.LogProbabilities ? "the logarithm of one probability says nothing of the other class" : "a softmax of one number is always 1")}");
                return null;
            }

            return Reading(chosen, end, source, units, why);
        }

        private OutputReading Reading(OutputCandidate chosen, End end, OutputSource source, int? units, string? why)
        {
            var before = source is OutputSource.BeforeSoftmax or OutputSource.BeforeLogSoftmax or OutputSource.BeforeSigmoid;
            var pair = source == OutputSource.BeforeSigmoid && end.IsPair;
            units = pair ? 1 : units;
            var ofTokens = source is OutputSource.FirstToken or OutputSource.MeanOfTokens;
            var reshaped = !ofTokens && (chosen.Shape.Count is not (0 or 2) || (before && end.IsReshaped));
            var plain = all.Count == 1 && chosen.Tensor == chosen.Name && source is OutputSource.Logits or OutputSource.LogProbabilities && !reshaped && units != 1;
            var taken = TakenFor(chosen, source, units, reshaped && !before);
            List<string> notes = [.. inputs.Notes];
            if (all.Count > 1)
            {
                notes.Add($"The model has {all.Count} outputs ({Listed()}); {ModelValidator.Quote(chosen.Name)} is taken, {why}. The field output names another.");
            }

            if (source != OutputSource.Logits || units == 1 || reshaped || ask.As is not null)
            {
                notes.Add($"The output {ModelValidator.Quote(chosen.Name)} was taken for {taken}{(ask.As is null ? "" : ", as the field outputAs says")}.");
            }

            return new OutputReading(chosen.Name, before ? end.Tensor : chosen.Tensor, source, units, plain)
            {
                Inputs = inputs,
                TakenFor = taken,
                Notes = notes,
                IsReshaped = reshaped,
                Mask = source == OutputSource.MeanOfTokens ? Mask : null,
                IsCast = before && end.IsCast,
                IsOfFirstClass = pair && end.IsOfFirstClass,
            };
        }

        private static string TakenFor(OutputCandidate chosen, OutputSource source, int? units, bool squeezed)
        {
            var classes = (units == 1 ? 2 : units)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?";
            if (units == 1)
            {
                return source switch
                {
                    OutputSource.BeforeSigmoid => "the probability of class 1 (Sigmoid) of two classes: the logit z in front of it is their log-odds, the logits are 0 and z",
                    OutputSource.LogOfProbabilities => "the probability p of class 1 of two classes: the logits are 0 and log p - log(1 - p)",
                    _ => "one output unit that decides between two classes: its logit z is the log-odds of class 1, the logits are 0 and z",
                };
            }

            var what = source switch
            {
                OutputSource.BeforeSoftmax => $"probabilities of {classes} classes (Softmax): the logits in front of it are taken",
                OutputSource.BeforeLogSoftmax => $"log-probabilities of {classes} classes (LogSoftmax): the logits in front of it are taken",
                OutputSource.LogOfProbabilities => $"probabilities of {classes} classes: their logarithms log p are taken for the logits",
                OutputSource.FirstToken => $"{classes} numbers for every token, of which those of the first token are the logits",
                OutputSource.MeanOfTokens => $"{classes} numbers for every token, whose mean over the tokens that are not [PAD] are the logits",
                OutputSource.LogProbabilities => $"log-probabilities of {classes} classes, which serve as logits",
                _ => $"logits of {classes} classes",
            };
            return squeezed ? $"{what} (sides of 1 left out of its shape [{string.Join(", ", chosen.Shape.Select(side => side?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}])" : what;
        }

        private string Pooled => all.Any(output => output.IsOfTokens) ? "; of numbers for every token outputAs \"first-token\" takes those of the first, \"mean-of-tokens\" their mean" : "";

        private string Listed() => string.Join(", ", all.Select(output => output.Shown));
    }
}
