using System.Globalization;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Models.Inputs;

/// <summary>
/// Reads what the inputs of a model are fed with (docs/inputs.md): of several which one the token ids go into and what the
/// others are made of, and whether pictures go in channels first or last. Behind it every model has one input, of samples
/// as datasets hold them.
/// </summary>
public static class ModelInputs
{
    private const int MatrixRank = 2;
    private const int PicturesRank = 4;

    /// <summary>Reads a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ask">What is known of the samples, and what a person says.</param>
    /// <param name="fault">What is wrong, where the answer is null.</param>
    /// <returns>The reading, or null.</returns>
    public static InputReading? TryRead(OnnxModel model, InputAsk ask, out ReadingFault? fault)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ask);
        return new Reader(model, ask).Read(out fault);
    }

    /// <summary>The model with the one input of a reading: itself where that is so already.</summary>
    public static OnnxModel Apply(OnnxModel model, InputReading reading)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reading);
        return reading.IsPlain ? model : ApplyForTraining(model, reading).Model;
    }

    /// <summary>
    /// The model with the one input of a reading, and what makes of that model trained (the same graph with other weights) one
    /// with the inputs it had.
    /// </summary>
    internal static (OnnxModel Model, Action<ModelProto> Restore) ApplyForTraining(OnnxModel model, InputReading reading)
    {
        if (reading.IsPlain)
        {
            return (model, _ => { });
        }

        var proto = model.CopyProto();
        var surgery = new InputSurgery(proto);
        var players = surgery.Apply(reading);
        return (OnnxModel.FromProto(proto, model.IsOneUnit, model.Notes, players), surgery.Undo);
    }

    private sealed class Reader
    {
        private readonly OnnxModel model;
        private readonly InputAsk ask;
        private readonly ModelProto proto;
        private readonly IReadOnlyList<TensorSummary> inputs;

        public Reader(OnnxModel model, InputAsk ask)
        {
            (this.model, this.ask) = (model, ask);
            proto = model.CopyProto();
            var fed = model.Summary.Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);

            // An input with a default keeps it, unless a person names it.
            inputs = [.. proto.Graph.Input.Where(input => fed.ContainsKey(input.Name) || ask.Roles?.ContainsKey(input.Name) == true)
                .Select(input => fed.GetValueOrDefault(input.Name) ?? ModelDescription.Describe(input, new Dictionary<string, IReadOnlyList<long?>>()))];
        }

        public InputReading? Read(out ReadingFault? fault)
        {
            if (ask.Roles?.Keys.FirstOrDefault(name => inputs.All(input => input.Name != name)) is { } unknown)
            {
                fault = new ReadingFault("inputs", $"there is no input {ModelValidator.Quote(unknown)}; the model has {Listed(inputs)}");
                return null;
            }

            return inputs.Count switch
            {
                0 => Fail("has no input without a default: there is nothing to feed", out fault),
                1 => One(inputs[0], out fault),
                _ => Several(out fault),
            };
        }

        private InputReading? One(TensorSummary input, out ReadingFault? fault)
        {
            fault = null;
            var asked = Asked(input);
            if (asked is InputRole.Mask or InputRole.Types or InputRole.Positions)
            {
                fault = new ReadingFault("inputs", $"{ModelValidator.Quote(input.Name)} is the model's only input, so the samples go into it");
                return null;
            }

            if (ask.Kind == SampleKind.Text || IsWhole(input))
            {
                if (asked is InputRole.ChannelsFirst or InputRole.ChannelsLast)
                {
                    fault = NoPictures(input);
                    return null;
                }

                return new InputReading(input, [new TakenInput(input.Name, null, "the sample as it is")]) { Notes = [.. Kept()] };
            }

            return Picture(input, asked, out fault);
        }

        private static ReadingFault NoPictures(TensorSummary input) =>
            new("inputs", $"{ModelValidator.Quote(input.Name)} takes no pictures [batch, height, width, channels]: it is {Shown(input)}");

        private InputReading? Picture(TensorSummary input, InputRole? asked, out ReadingFault? fault)
        {
            fault = null;
            var plain = new InputReading(input, [new TakenInput(input.Name, null, "the sample as it is")]);
            if (asked is InputRole.Ids)
            {
                fault = new ReadingFault("inputs", $"{ModelValidator.Quote(input.Name)} is {input.Type}, no token ids");
                return null;
            }

            if (asked is InputRole.ChannelsLast && input.Shape.Count is not (0 or PicturesRank))
            {
                fault = NoPictures(input);
                return null;
            }

            if (asked is InputRole.ChannelsFirst)
            {
                return plain;
            }

            if (asked is null && (ask.Kind is not (null or SampleKind.Image) || input.Shape.Count is not (0 or PicturesRank)))
            {
                return plain;
            }

            var layout = asked ?? Layout(input, out fault);
            return fault is not null ? null
                : layout != InputRole.ChannelsLast ? plain
                : new InputReading(Turned(input), [new TakenInput(input.Name, InputRole.ChannelsLast, "pictures, channels last [batch, height, width, channels]")])
                {
                    Notes = [$"The input {ModelValidator.Quote(input.Name)} takes pictures channels last [batch, height, width, channels]: each is turned behind the players, which are made of its pixels channels first, as datasets hold them."],
                };
        }

        /// <summary>What the declared shape allows, else what the nodes show, else how the graph runs.</summary>
        private InputRole? Layout(TensorSummary input, out ReadingFault? fault)
        {
            fault = null;
            if (ask.SampleShape is not [var channels, var height, var width])
            {
                // Without samples only the nodes say it, where few values lie last.
                return ask.SampleShape is null && input.Shape is [_, > 4 or null, > 4 or null, <= 4] ? PictureLayout.Of(proto.Graph, input.Name) : null;
            }

            var (first, last) = (Accepts(input, channels, height, width), Accepts(input, height, width, channels));
            if (!first || !last || (channels == height && height == width && width == 1))
            {
                return last && !first ? InputRole.ChannelsLast : null;
            }

            if (PictureLayout.Of(proto.Graph, input.Name) is { } shown)
            {
                return shown;
            }

            var (asFirst, asLast) = (Runs(channels, height, width), Runs(height, width, channels));
            if (asFirst && asLast)
            {
                fault = new ReadingFault("inputs", $"is needed: {ModelValidator.Quote(input.Name)}, {Shown(input)}, takes pictures of {Sides([channels, height, width])} channels first and channels last, and the graph does not say which; give {{\"{input.Name}\": \"channels-first\"}} or \"channels-last\"");
                return null;
            }

            return asLast ? InputRole.ChannelsLast : null;
        }

        private bool Runs(params int[] shape) => model.Summary.Outputs.FirstOrDefault(output => output.Type is "float32" or "float64" or "float16") is { } output
            && OutputProbe.Run(model, [output.Name], shape) is not null;

        private InputReading? Several(out ReadingFault? fault)
        {
            if (Roles(out fault) is not { } roles)
            {
                return null;
            }

            var taken = inputs.Select(input => new TakenInput(input.Name, roles[input.Name], Words(roles[input.Name]))).ToArray();
            var ids = inputs.Single(input => roles[input.Name] == InputRole.Ids);
            return new InputReading(ids, taken)
            {
                Pad = ask.Pad ?? 0,
                Notes = [$"The model has {inputs.Count} inputs: {string.Join("; ", taken.Select(input => $"{ModelValidator.Quote(input.Name)} gets {input.TakenFor}"))}. What is made of the ids is made of the sample's own, whatever is masked. The field inputs gives other roles.", .. Kept()],
            };
        }

        /// <summary>Of a text a default of what goes with token ids may not be what is expected.</summary>
        private IEnumerable<string> Kept() => proto.Graph.Input
            .Where(input => inputs.All(fed => fed.Name != input.Name) && InputNames.RoleOf(input.Name) is InputRole.Mask or InputRole.Types or InputRole.Positions)
            .Select(input => $"The input {ModelValidator.Quote(input.Name)} keeps the default that the graph has for it; the field inputs can say what else it gets.");

        /// <summary>The role of every input: as asked for, by name, and of one that is left over and takes whole numbers the ids.</summary>
        private Dictionary<string, InputRole>? Roles(out ReadingFault? fault)
        {
            fault = null;
            var roles = new Dictionary<string, InputRole>(StringComparer.Ordinal);
            foreach (var input in inputs)
            {
                if (Asked(input) is { } asked)
                {
                    roles[input.Name] = asked;
                }
                else if (InputNames.RoleOf(input.Name) is { } named && (named != InputRole.Ids || IsWhole(input)))
                {
                    roles[input.Name] = named;
                }
            }

            var rest = inputs.Where(input => !roles.ContainsKey(input.Name)).ToArray();
            if (!roles.ContainsValue(InputRole.Ids) && rest is [var only] && IsWhole(only))
            {
                roles[only.Name] = InputRole.Ids;
                rest = [];
            }

            var ids = inputs.Where(input => roles.TryGetValue(input.Name, out var role) && role == InputRole.Ids).ToArray();
            fault = ids.Length > 1 ? new ReadingFault("inputs", $"{string.Join(" and ", ids.Select(input => ModelValidator.Quote(input.Name)))} would both get the token ids; say in inputs what the others get: mask, types or positions")
                : rest.Length > 0 ? new ReadingFault(null, $"has {inputs.Count} inputs, and {string.Join(" and ", rest.Select(input => $"{ModelValidator.Quote(input.Name)} ({Shown(input)})"))} {(rest.Length == 1 ? "has" : "have")} no default and no name that says what to feed; beside token ids the lab makes their mask, types and positions, which the field inputs may say (\"mask\", \"types\", \"positions\")")
                : ids.Length == 0 ? new ReadingFault(null, $"has {inputs.Count} inputs ({Listed(inputs)}), and none of them takes token ids (int64 or int32), which the others are made of")
                : inputs.Select(input => Misfit(input, roles[input.Name])).FirstOrDefault(misfit => misfit is not null);
            return fault is null ? roles : null;
        }

        private ReadingFault? Misfit(TensorSummary input, InputRole role)
        {
            var why = role switch
            {
                InputRole.ChannelsFirst or InputRole.ChannelsLast => "the model has several inputs, which only texts go into",
                InputRole.Ids when !IsWhole(input) => $"it is {Shown(input)}, and token ids are int64 or int32",
                InputRole.Types or InputRole.Positions when !IsWhole(input) => $"it is {Shown(input)}, and {(role == InputRole.Types ? "types" : "positions")} of tokens are int64 or int32",
                InputRole.Mask when !IsWhole(input) && input.Type is not ("float32" or "float64" or "float16" or "bool") => $"it is {Shown(input)}, and a mask holds numbers or truth values",
                _ when input.Shape.Count is not (0 or MatrixRank) => $"it is {Shown(input)}, and what goes with token ids has the shape [batch, length]",
                InputRole.Positions when model.Summary.Opset < InputSurgery.RangeOpset => $"positions need operator set {InputSurgery.RangeOpset} or later, and the model is written for {model.Summary.Opset}; export it again",
                _ => null,
            };
            return why is null ? null : new ReadingFault(Asked(input) is null ? null : "inputs", $"the input {ModelValidator.Quote(input.Name)} cannot be taken for {Words(role)}: {why}");
        }

        private InputRole? Asked(TensorSummary input) => ask.Roles is { } roles && roles.TryGetValue(input.Name, out var role) ? role : null;

        private string Words(InputRole role) => role switch
        {
            InputRole.Ids => "the token ids",
            InputRole.Mask => $"1 where the id is not [PAD]{(ask.Pad is { } pad ? $" ({pad})" : "")} and else 0",
            InputRole.Types => "0 everywhere",
            InputRole.Positions => "0, 1, 2, ... along the text",
            _ => "pictures",
        };

        private static TensorSummary Turned(TensorSummary input) => input.Shape is [var batch, var height, var width, var channels] ? input with { Shape = [batch, channels, height, width] } : input;

        private static bool Accepts(TensorSummary input, params int[] sample) => input.Shape.Count == 0 || input.Shape.Skip(1).Zip(sample).All(pair => pair.First is null || pair.First == pair.Second);

        private static bool IsWhole(TensorSummary input) => input.Type is "int64" or "int32";

        private static string Listed(IReadOnlyList<TensorSummary> inputs) => string.Join(", ", inputs.Select(input => $"{ModelValidator.Quote(input.Name)} {Shown(input)}"));

        private static string Shown(TensorSummary input) => $"{input.Type} [{string.Join(", ", input.Shape.Select(side => side?.ToString(CultureInfo.InvariantCulture) ?? "?"))}]";

        private static string Sides(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

        private static InputReading? Fail(string why, out ReadingFault? fault)
        {
            fault = new ReadingFault(null, why);
            return null;
        }
    }
}
