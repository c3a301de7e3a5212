using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Macro;

/// <summary>What a finished cell holds: sums over its samples.</summary>
/// <param name="Samples">Samples of the cell.</param>
/// <param name="Correct">Correct ones: of structure, random then surrounding by ratio; of robustness, clean then attacked; else one number.</param>
/// <param name="Loss">Summed cross-entropy; 0 where it is not asked for.</param>
/// <param name="ForwardPasses">Rows run.</param>
/// <param name="Notes">How the run differs from what was asked.</param>
/// <param name="SavedPasses">Rows whose counts an earlier job left.</param>
/// <param name="Undefined">Outputs that are no finite numbers; they count as wrong.</param>
internal sealed record MacroCounts(int Samples, IReadOnlyList<int> Correct, double Loss, long ForwardPasses, IReadOnlyList<string> Notes, long SavedPasses = 0, int Undefined = 0);

/// <summary>One attempt at a macro job: owns the datasets and the sessions.</summary>
internal sealed class MacroRun : IExperimentRun
{
    private readonly MacroWork _work;
    private readonly IJobContext _context;
    private readonly RateMemory _rates;
    private readonly MacroKeys _keys;
    private readonly IDataset _test;
    private readonly IDataset? _train;
    private readonly float[] _baseline;
    private readonly int[] _outside;
    private int _undefined;
    private (int Model, Classifier Session)? _open;
    private (int Model, DifferentiableModel Network)? _attacked;

    private IReadOnlyList<string> Notes => [.. (_open?.Session.Notes ?? []).Concat(_attacked?.Network.Notes ?? [])];

    /// <summary>Opens the datasets.</summary>
    public MacroRun(MacroWork work, IJobContext context, RateMemory rates)
    {
        (_work, _context, _rates, _keys) = (work, context, rates, new MacroKeys(work));
        _test = DatasetReader.Open(work.Test.Folder);
        _train = work.Train is null ? null : DatasetReader.Open(work.Train.Folder);
        _baseline = work.Spec.Baseline.Of(work.Test.Summary.SampleShape, () => _test.Mean);
        _outside = work.Spec.Structure is { } structure ? MacroWork.FromOutside(structure.Rows, structure.Columns) : [];
    }

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                return Run(_work.Cells[index], progress, cancellation);
            }
            catch (ModelRejectedException exception)
            {
                throw new ExperimentException($"The model '{_work.Models[_work.Cells[index].Model].Name}' cannot be tested: {exception.Message}", exception);
            }
        },
        cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _open?.Session.Dispose();
        _attacked?.Network.Dispose();
        _test.Dispose();
        _train?.Dispose();
        return ValueTask.CompletedTask;
    }

    private CellPayload Run(MacroCell cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var dataset = cell.Test == MacroTest.FitTrain ? _train! : _test;
        var samples = _work.SamplesOf(cell).Select(dataset.Get).ToArray();
        var message = string.Create(CultureInfo.InvariantCulture, $"{_work.Models[cell.Model].Name}, {cell.Test}: {samples.Length} samples");
        var (key, passes) = (_keys.Of(cell, samples, _baseline), new CellPasses($"{_context.JobId}/{cell.Key}"));
        if (KeptOutputs.Find(_context.Values, key, length: null) is { } kept)
        {
            // The correct ones and behind them the loss and the outputs that are no numbers.
            passes.Count(_work.PassesOf(cell), kept.Origin);
            return Payload([.. kept.Outputs[..^2].Select(count => (int)count)], kept.Outputs[^2], (int)kept.Outputs[^1], kept.Notes);
        }

        _undefined = 0;
        var (correct, loss) = cell.Test switch
        {
            MacroTest.Structure => (Structure(cell.Model, samples, progress, cancellation), 0),
            MacroTest.Robustness => (Robustness(cell.Model, samples, cell.Block, cancellation), 0),
            _ => Fit(cell.Model, samples, progress, cancellation),
        };
        KeptOutputs.Keep(_context.Values, key, passes.Origin, Notes, [.. correct, loss, _undefined]);
        passes.Count(_work.PassesOf(cell), passes.Origin);
        return Payload(correct, loss, _undefined, Notes);

        CellPayload Payload(int[] counts, double summed, int undefined, IReadOnlyList<string> notes) =>
            new(CellFile.Write(new MacroCounts(samples.Length, counts, summed, passes.Made, notes, passes.Saved, undefined)), message);
    }

    private (int[] Correct, double Loss) Fit(int model, Sample[] samples, IProgress<double>? progress, CancellationToken cancellation)
    {
        var logits = Logits(model, [.. samples.Select(sample => sample.Values)], progress, cancellation);
        var loss = samples.Select((sample, i) => Networks.Logits.Loss(logits[i], sample.Label!.Value)).Sum();
        return ([Correct(samples, logits)], loss);
    }

    private int[] Structure(int model, Sample[] samples, IProgress<double>? progress, CancellationToken cancellation)
    {
        var spec = _work.Spec.Structure!;
        var correct = new int[2 * spec.Ratios.Count];
        for (var k = 0; k < spec.Ratios.Count; k++)
        {
            var count = StructureSpec.Masked(spec.Ratios[k], spec.Rows, spec.Columns);

            // The same random order serves all ratios of a sample: a larger ratio masks what a smaller one does, and more.
            var random = samples.Select(sample => Masked(sample, new PortableRandom(spec.Seed, sample.Index).Draw(Enumerable.Range(0, _outside.Length), _outside.Length)[..count])).ToArray();
            correct[k] = Correct(samples, Logits(model, random, null, cancellation));
            var surrounding = samples.Select(sample => Masked(sample, _outside[..count])).ToArray();
            correct[spec.Ratios.Count + k] = Correct(samples, Logits(model, surrounding, null, cancellation));
            progress?.Report((k + 1.0) / spec.Ratios.Count);
        }

        return correct;
    }

    private int[] Robustness(int model, Sample[] samples, int block, CancellationToken cancellation)
    {
        var spec = _work.Spec.Robustness!;
        var inputs = samples.Select(sample => sample.Values).ToArray();
        var clean = Correct(samples, Logits(model, inputs, null, cancellation));
        long? start = spec.RandomStart ? unchecked((long)(new PortableRandom(spec.Seed, block).Next() >> 1)) : null;
        var network = Attacked(model);
        var started = Stopwatch.GetTimestamp();
        var attacked = network.Attack(inputs, [.. samples.Select(sample => sample.Label!.Value)], new AttackOptions(spec.Epsilon, spec.Steps, spec.StepSize, start), cancellation);
        _rates.Record(MacroTimes.Keys(_work, MacroTimes.FileOf(_work, model)).Attack, (double)inputs.Length * spec.Steps, Stopwatch.GetElapsedTime(started));
        return [clean, Correct(samples, Logits(model, attacked, null, cancellation))];
    }

    private float[] Masked(Sample sample, int[] patches)
    {
        var spec = _work.Spec.Structure!;
        var shape = _work.Test.Summary.SampleShape;
        var (height, width) = (shape[1], shape[2]);
        var absent = new bool[spec.Rows * spec.Columns];
        foreach (var patch in patches)
        {
            absent[patch] = true;
        }

        var values = (float[])sample.Values.Clone();
        for (var cell = 0; cell < values.Length; cell++)
        {
            var (y, x) = (cell / width % height, cell % width);
            if (absent[(int)(((long)y * spec.Rows / height * spec.Columns) + ((long)x * spec.Columns / width))])
            {
                values[cell] = _baseline[cell];
            }
        }

        return values;
    }

    /// <summary>Counts what is right; what is no finite number is wrong, and counted for the note.</summary>
    private int Correct(Sample[] samples, float[][] logits)
    {
        _undefined += logits.Count(row => !Networks.Logits.IsDefined(row));
        return samples.Where((sample, i) => Networks.Logits.AreCorrect(logits[i], sample.Label)).Count();
    }

    private float[][] Logits(int model, float[][] inputs, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (_open is not { } open || open.Model != model)
        {
            _open?.Session.Dispose();
            _open = null;
            var opening = Stopwatch.GetTimestamp();
            _open = open = (model, MacroTimes.Open(_work, MacroTimes.FileOf(_work, model)));
            _rates.Record(MacroTimes.Keys(_work, MacroTimes.FileOf(_work, model)).OpenPlain, 1, Stopwatch.GetElapsedTime(opening));
        }

        var started = Stopwatch.GetTimestamp();
        var logits = open.Session.Logits(inputs, progress, cancellation);
        _rates.Record(MacroTimes.Keys(_work, MacroTimes.FileOf(_work, model)).Classify, inputs.Length, Stopwatch.GetElapsedTime(started));
        return logits;
    }

    private DifferentiableModel Attacked(int model)
    {
        if (_attacked is not { } open || open.Model != model)
        {
            _attacked?.Network.Dispose();
            _attacked = null;
            var opening = Stopwatch.GetTimestamp();
            _attacked = open = (model, MacroTimes.OpenGradients(_work, MacroTimes.FileOf(_work, model)));
            _rates.Record(MacroTimes.Keys(_work, MacroTimes.FileOf(_work, model)).OpenGradients, 1, Stopwatch.GetElapsedTime(opening));
        }

        return open.Network;
    }
}
