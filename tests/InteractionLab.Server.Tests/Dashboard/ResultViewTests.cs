using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Experiments.TrainingStudy;
using InteractionLab.Interactions;
using InteractionLab.Server.Components.Charts;
using InteractionLab.Server.Components.Jobs;
using InteractionLab.Server.Components.Results;
using InteractionLab.Server.Components.Results.Sweep;
using InteractionLab.Server.Components.Results.Views;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests.Dashboard;

/// <summary>What the charts of the newer kinds draw, value for value.</summary>
public sealed class ResultViewTests
{
    [Fact]
    public void Curves_hold_every_epoch_and_leave_gaps_where_there_is_no_number()
    {
        var chart = Json(TrainingCharts.Loss([Epoch(0, 0, double.NaN), Epoch(1, 0, 0.5), Epoch(2, 1, 0.25)]));
        var train = chart.GetProperty("traces")[0];
        Assert.Equal([0, 1, 2], train.GetProperty("x").EnumerateArray().Select(x => x.GetInt32()));
        Assert.Equal([null, 0.5, 0.25], train.GetProperty("y").EnumerateArray().Select(y => y.ValueKind == JsonValueKind.Null ? (double?)null : y.GetDouble()));
        // The round of pruning that begins with epoch 2 is marked between the two.
        Assert.Equal(1.5, Assert.Single(chart.GetProperty("layout").GetProperty("shapes").EnumerateArray()).GetProperty("x0").GetDouble());
    }

    [Fact]
    public void A_learning_rate_that_is_not_there_yet_is_said_to_be_missing() => Assert.NotNull(TrainingCharts.LearningRate([Epoch(0, 0, 1) with { LearningRate = null }]).Empty);

    [Fact]
    public void Loss_terms_of_one_name_are_told_apart_by_their_place()
    {
        TermResult[] terms = [new("suppress 0-0.5", 1, -0.5, 0.1), new("suppress 0-0.5", 2, -0.25, 0.1)];
        var traces = Json(TrainingCharts.Terms([Epoch(0, 0, 1), Epoch(1, 0, 1) with { Terms = terms }])!).GetProperty("traces");
        Assert.Equal(["suppress 0-0.5, λ = 1", "suppress 0-0.5, λ = 2"], traces.EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        Assert.Equal([-0.5, -0.25], traces.EnumerateArray().Select(t => t.GetProperty("y")[1].GetDouble()));
    }

    [Fact]
    public void Phases_of_a_sweep_are_bands_and_empty_ones_are_none()
    {
        PruningPhase[] phases = [new(1, 0, 0.4, 0.9), new(2, null, null, null), new(3, 0.4, 0.9, 0.5)];
        var layout = Json(SweepCharts.Preserved(Sweep(phases, Point(0, 1, 1), Point(0.4, 1, 0.5), Point(0.9, 0.2, null)))).GetProperty("layout");
        Assert.Equal([(0, 0.4), (0.4, 0.9)], layout.GetProperty("shapes").EnumerateArray().Select(s => (s.GetProperty("x0").GetDouble(), s.GetProperty("x1").GetDouble())));
        Assert.Equal(["phase 1", "phase 3"], layout.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("text").GetString()));
    }

    [Fact]
    public void What_pruning_removed_is_what_it_did_not_preserve()
    {
        var order = Order(2) with { Positive = 3, Negative = -2, PreservedPositive = 1, PreservedNegative = -0.5, RemovedGenPositive = 0.75, RemovedGenNegative = -0.25, EmergedPositive = 4, EmergedGenNegative = -1 };
        OrderPart Part(string name) => SweepPart.All.Single(p => p.Name == name).Of(order);
        Assert.Equal(new OrderPart(2, 3, -2, 1, -0.5), Part("preserved"));
        Assert.Equal(new OrderPart(2, 2, -1.5, 0.75, -0.25), Part("removed"));
        Assert.Equal(new OrderPart(2, 4, 0, 0, -1), Part("emerged"));
    }

    [Fact]
    public void One_scale_holds_all_distributions_and_nothing_salient_is_said()
    {
        Assert.Equal([-2 * 1.06, 3 * 1.06], OrderCharts.Range([new(1, 3, -1, 0, 0), new(2, 0, -2, 0, 0)]));
        Assert.Equal([-1.0, 1.0], OrderCharts.Range([new(1, 0, 0, 0, 0)]));
        Assert.NotNull(OrderCharts.WithPart([new(1, 0, 0, 0, 0)], "salient", "preserved", [-1, 1]).Empty);
        Assert.Null(OrderCharts.WithPart([new(1, 1, 0, 0, 0)], "salient", "preserved", [-1, 1]).Empty);
    }

    [Fact]
    public void Efficiency_that_is_undefined_is_no_bar()
    {
        var bars = Json(SweepCharts.Efficiency([new(0, 0.1, null), new(0.1, 0.25, 0.5)])).GetProperty("traces")[0];
        Assert.Equal(["0 → 10 %", "10 → 25 %"], bars.GetProperty("x").EnumerateArray().Select(x => x.GetString()));
        Assert.Equal(JsonValueKind.Null, bars.GetProperty("y")[0].ValueKind);
        Assert.NotNull(SweepCharts.Efficiency([new(0, 0.1, null)]).Empty);
    }

    [Fact]
    public void Efficiency_of_zero_is_seen_and_is_not_taken_for_undefined()
    {
        var traces = Json(SweepCharts.Efficiency([new(0, 0.1, null), new(0.1, 0.2, 0), new(0.2, 0.3, 0.456)])).GetProperty("traces");
        Assert.Equal(["", "0", "0.46"], traces[0].GetProperty("text").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("0 → 10 %", Assert.Single(traces[1].GetProperty("x").EnumerateArray()).GetString());
        Assert.Single(Json(SweepCharts.Efficiency([new(0, 0.1, 0)])).GetProperty("traces").EnumerateArray());
    }

    [Fact]
    public void An_area_is_shaded_where_it_can_be_told_apart_and_every_network_has_its_colour()
    {
        MaskingCurve Curve(string name) => new(name, [0, 1], Estimates.Shares([0.5, 0], 100), Estimates.Shares([0.5, 0.25], 100));
        var two = Json(MacroCharts.Structure([Curve("a.onnx"), Curve("b.onnx")])).GetProperty("traces");
        Assert.Equal(2, two.EnumerateArray().Count(trace => trace.TryGetProperty("fill", out var fill) && fill.GetString() == "tonexty"));
        var three = Json(MacroCharts.Structure([Curve("a"), Curve("b"), Curve("c")])).GetProperty("traces").EnumerateArray().ToList();
        Assert.DoesNotContain(three, trace => trace.TryGetProperty("fill", out _));
        Assert.Equal(["a", "b", "c", "random patches masked", "surroundings masked"], three.Where(trace => trace.GetProperty("showlegend").GetBoolean()).Select(trace => trace.GetProperty("name").GetString()));

        // Wilson's interval of 50 of 100 and of none of 100, which ends at 1.96² / (100 + 1.96²) and has no error below.
        Assert.Equal([0.09617, 0.036995], three[0].GetProperty("error_y").GetProperty("array").EnumerateArray().Select(e => Math.Round(e.GetDouble(), 6)));
        Assert.Equal([0.09617, 0], three[0].GetProperty("error_y").GetProperty("arrayminus").EnumerateArray().Select(e => Math.Round(e.GetDouble(), 6)));
        Assert.NotNull(MacroCharts.Structure([]).Empty);

        // An interval of an accuracy does not reach below 0.
        var bars = Json(MacroCharts.Robustness(["a"], new([0.5], [0.125]), new([0.25], [0.25]))).GetProperty("traces");
        Assert.Equal([(0.245, 0.245), (0.49, 0.25)], bars.EnumerateArray().Select(bar => bar.GetProperty("error_y")).Select(e => (Math.Round(e.GetProperty("array")[0].GetDouble(), 9), Math.Round(e.GetProperty("arrayminus")[0].GetDouble(), 9))));
    }

    [Theory]
    [InlineData(0, 100, 0, 0.036995)]
    [InlineData(1, 100, 0.963005, 1)]
    [InlineData(0.81, 100, 0.72221, 0.874853)]
    public void An_accuracy_has_the_interval_of_wilson(double share, int count, double from, double to)
    {
        var interval = Estimates.ShareInterval(share, count)!.Value;
        Assert.Equal(from, interval.From, 1e-6);
        Assert.Equal(to, interval.To, 1e-6);
    }

    [Fact]
    public void Progress_is_counted_in_the_words_of_the_kind()
    {
        Assert.Equal("3 of 31 samples", JobWords.Progress(3, 31, "samples"));
        Assert.Equal("1 epoch", JobWords.Parts(1, "epochs"));
    }

    [Theory]
    [InlineData("queued", "end", "waiting")]
    [InlineData("queued", "cell", "waiting")]
    [InlineData("queued", null, "queued")]
    [InlineData("running", null, "running")]
    public void A_job_that_waits_for_another_is_not_said_to_be_queued(string state, string? waits, string word) =>
        Assert.Equal(word, JobWords.Of(SampleJob with { State = JobStates.Parse(state), Waits = JobStates.ParseWait(waits) }));

    [Fact]
    public void Networks_of_a_training_are_called_by_their_epochs()
    {
        Assert.Equal(["epoch 4", "model"], new[] { Profile(4, null), Profile(null, null) }.Select(BottleneckCharts.Label));
        string[] Rows(params ModelProfile[] profiles) => [.. Json(BottleneckCharts.Heat(profiles)).GetProperty("traces")[0].GetProperty("y").EnumerateArray().Select(y => y.GetString()!)];
        Assert.Equal(["epoch 0", "epoch 1"], Rows(Profile(0, [1, 1, 1, 1]), Profile(1, [1, 1, 1, 1])));
        Assert.Equal(["1. model", "2. other"], Rows(Profile(null, [1, 1, 1, 1]), Profile(null, [1, 1, 1, 1]) with { Name = "other" }));
    }

    [Fact]
    public void Names_in_a_legend_are_short_and_different()
    {
        var names = Plot.Short(["same.onnx", "same", "a model with a very long name after epoch 12", "a model with a very long name after epoch 13"]);
        Assert.Equal(["1. same", "2. same", "a model with a…after epoch 12", "a model with a…after epoch 13"], names);
    }

    [Fact]
    public void Epochs_are_coloured_in_their_order_and_thirds_add_up()
    {
        ModelProfile[] profiles = [Profile(0, [1, 1, 1, 1]), Profile(4, [2, 1, 1, 0]), Profile(20, [0, 1, 1, 2])];
        var lines = Json(CourseCharts.Lines(profiles, isAbsolute: false)).GetProperty("traces").EnumerateArray().ToList();
        Assert.Equal(["@course/0", "@course/0.5", "@course/1"], lines.Take(3).Select(line => line.GetProperty("line").GetProperty("color").GetString()));
        Assert.Equal(["0", "4", "20"], lines[3].GetProperty("marker").GetProperty("colorbar").GetProperty("ticktext").EnumerateArray().Select(t => t.GetString()));

        // m/(n-2) of four orders of five players: 0, 1/3, 2/3 and 1; the thirds' limits are the middle's.
        var thirds = Json(CourseCharts.Thirds(profiles)).GetProperty("traces").EnumerateArray().Select(line => line.GetProperty("y").EnumerateArray().Select(y => y.GetDouble()).ToArray()).ToArray();
        Assert.Equal([0.25, 0.5, 0], thirds[0]);
        Assert.Equal([0.5, 0.5, 0.5], thirds[1]);
        Assert.Equal([0.25, 0, 0.5], thirds[2]);
        Assert.Equal([0.25, 0.5, 0.25], ProfileThirds.All.Select(third => ProfileThirds.FlatShareOf(profiles[0], third)));
        var heat = Json(CourseCharts.Heat(profiles, isAbsolute: true)).GetProperty("traces")[0];
        Assert.Equal(4, heat.GetProperty("z").GetArrayLength());
        Assert.Equal([10.0, 20, 0], heat.GetProperty("z")[0].EnumerateArray().Select(z => z.GetDouble()));
        Assert.NotNull(CourseCharts.Lines([Profile(0, null)], isAbsolute: false).Empty);
    }

    [Fact]
    public void A_change_has_the_errors_of_both_and_rises_and_falls_in_two_colours()
    {
        var (before, after) = (Profile(null, [1, 1, 1, 1]), Profile(null, [2, 1, 0.5, 0.5]));
        var change = ChangeCharts.Relative(before, after, isExact: false);
        Assert.Equal([1.0, 0, -0.5, -0.5], change.Values);
        Assert.All(change.Errors, error => Assert.Equal(Math.Sqrt(2) * 0.1, error!.Value, 1e-12));
        Assert.Empty(ChangeCharts.Relative(before, after, isExact: true).Errors);
        var bars = Json(ChangeCharts.Difference(before.Orders, change, "change")).GetProperty("traces");
        Assert.Equal([1.0, 0, null, null], bars[0].GetProperty("y").EnumerateArray().Select(y => y.ValueKind == JsonValueKind.Null ? (double?)null : y.GetDouble()));
        Assert.Equal([null, null, -0.5, -0.5], bars[1].GetProperty("y").EnumerateArray().Select(y => y.ValueKind == JsonValueKind.Null ? (double?)null : y.GetDouble()));
        Assert.NotNull(ChangeCharts.Difference(before.Orders, ChangeCharts.Relative(before, Profile(null, null), isExact: false), "change").Empty);
    }

    [Fact]
    public void Seeds_of_a_variant_share_its_colour_and_one_seed_has_no_band()
    {
        VariantProfile Of(string name, double? error) => new()
        {
            Variant = name,
            N = 3,
            Orders = [0, 1],
            Ratios = [0, 1],
            Strength = [new(1, error, []), new(0.5, error, [])],
            Magnitude = [new(3, error, []), new(null, null, [])],
            StrengthChange = name == "normal" ? null : [new(0.25, error, []), new(-0.25, error, [])],
            MagnitudeChange = null,
            Thirds = [],
            Effects = [],
            Moved = null,
        };
        VariantProfile[] one = [Of("normal", null), Of("low", null)], two = [Of("normal", 0.1), Of("low", 0.1)];
        Assert.Equal(2, VariantCharts.Profiles(one, p => p.Strength, "J", false).Traces.Count);
        Assert.Equal(6, VariantCharts.Profiles(two, p => p.Strength, "J", false).Traces.Count);

        // One standard error either way: two seeds are too few for more to mean 95 %.
        var band = Json(VariantCharts.Profiles(two, p => p.Strength, "J", false)).GetProperty("traces");
        Assert.Equal((1.1, 0.9), (Math.Round(band[0].GetProperty("y")[0].GetDouble(), 9), Math.Round(band[1].GetProperty("y")[0].GetDouble(), 9)));
        Assert.Equal([0.1], VariantCharts.Of([new(1, 0.1, [])]).Intervals);
        var change = Json(VariantCharts.Profiles(two, p => p.StrengthChange, "change", true)).GetProperty("traces").EnumerateArray().Last();
        Assert.Equal(("low", "@negative"), (change.GetProperty("name").GetString(), change.GetProperty("line").GetProperty("color").GetString()));
        Assert.NotNull(VariantCharts.Profiles(two, p => p.MagnitudeChange, "change", true).Empty);
        var epochs = VariantCharts.Epochs([(0, "normal", true, [Epoch(0, 0, 1)]), (0, "normal", false, [Epoch(0, 0, 2)])], epoch => epoch.TestLoss, "loss", null);
        Assert.Equal([true, false], Json(epochs).GetProperty("traces").EnumerateArray().Select(t => t.GetProperty("showlegend").GetBoolean()));
    }

    [Fact]
    public void A_band_too_narrow_for_a_word_bears_its_number()
    {
        var (_, names) = Plot.Bands([new(1, 0, 0.01), new(2, 0.01, 0.5), new(3, 0.5, 0.9)]);
        Assert.Equal(["1", "phase 2", "phase 3"], JsonSerializer.SerializeToElement(names, LabJson.Options).EnumerateArray().Select(a => a.GetProperty("text").GetString()));
    }

    [Fact]
    public void Names_are_drawn_letter_for_letter_and_say_when_there_is_no_value()
    {
        string Name(string name, double? y, string part = "name") => JsonSerializer.SerializeToElement(Plot.Line(name, [0], [y], ChartSpec.Positive), LabJson.Options).GetProperty(part).GetString()!;
        Assert.Equal("a &lt;b&gt; &amp; %&#123;y}", Name("a <b> & %{y}", 1));
        Assert.StartsWith("a &lt;b&gt; %&#123;y}: ", Name("a <b> %{y}", 1, "hovertemplate"), StringComparison.Ordinal);
        Assert.Equal("ρ high (no value)", Name("ρ high", null));
    }

    [Fact]
    public void Two_logical_models_share_places_and_scale()
    {
        ShownInteraction[] both = [new(InteractionType.And, [0], 4, true), new(InteractionType.And, [1, 2], 2, true), new(InteractionType.And, [0, 2], 1, true)];
        ShownInteraction[] one = [new(InteractionType.And, [1, 2], -1, true)];
        var map = new PlayerMap(SampleJob, null);
        double X(ChartSpec chart, string trace) => Json(chart).GetProperty("traces").EnumerateArray().Single(t => t.TryGetProperty("name", out var n) && n.GetString() == trace).GetProperty("x").EnumerateArray().Select(x => x.GetDouble()).ElementAt(0);
        var alone = X(LogicalGraph.Of(one, [0, 1, 2], map), "AND, negative");
        var beside = X(LogicalGraph.Of(one, [0, 1, 2], map, both), "AND, negative");
        var whole = Json(LogicalGraph.Of(both, [0, 1, 2], map)).GetProperty("traces").EnumerateArray().Single(t => t.TryGetProperty("name", out var n) && n.GetString() == "AND, positive");
        Assert.Contains(beside, whole.GetProperty("x").EnumerateArray().Select(x => x.GetDouble()));
        Assert.NotEqual(alone, beside);
    }

    [Fact]
    public void A_comparison_draws_both_trainings_and_says_what_is_missing()
    {
        StudyComparison Row(StudyVariant variant, params double?[] pruned) => new()
        {
            Variant = variant,
            Generalization = new(0.5, 0.6),
            TestAccuracy = 0.5,
            TrainAccuracy = 0.75,
            LossGap = 0.1,
            PrunedAccuracy = [.. pruned.Select((accuracy, i) => new PrunedAccuracy(i * 0.5, accuracy))],
            SecondsPerEpoch = 1,
            PenaltySeconds = null,
            PenaltyValue = null,
            Passes = 1,
            Course = [new(0, null, 3, 0.1), new(2, 0.5, 4, 0.5)],
        };
        StudyComparison[] rows = [Row(StudyVariant.Plain, 0.5, 0.25), Row(StudyVariant.Penalty, 0.5, null)];
        var traces = Json(StudyCharts.Pruned(rows)).GetProperty("traces");
        Assert.Equal(["plain", "with the penalty"], traces.EnumerateArray().Select(trace => trace.GetProperty("name").GetString()));
        Assert.Equal([0, 0.5], traces[0].GetProperty("x").EnumerateArray().Select(x => x.GetDouble()));
        Assert.Equal(0.25, traces[0].GetProperty("y")[1].GetDouble());
        Assert.Equal(JsonValueKind.Null, traces[1].GetProperty("y")[1].ValueKind);
        Assert.Equal(0.5, Json(StudyCharts.Generalization(rows)).GetProperty("traces")[1].GetProperty("y")[1].GetDouble());
        Assert.NotNull(StudyCharts.Pruned([Row(StudyVariant.Plain)]).Empty);
        Assert.Null(StudyCharts.Pruned(rows).Empty);
    }

    [Fact]
    public void Losses_that_do_not_exist_are_said_not_to() =>
        Assert.Contains("log-odds", DynamicsCharts.Losses([]).Empty, StringComparison.Ordinal);

    [Fact]
    public void Agreement_of_references_that_never_agree_is_drawn_at_zero_and_of_nothing_is_said()
    {
        Assert.Null(DynamicsCharts.Agreement([new(0, 1, 3, 0, [new(3, 0)])]).Empty);
        Assert.NotNull(DynamicsCharts.Agreement([new(0, 1, 3, null, [new(3, null)])]).Empty);
    }

    [Fact]
    public void Runs_of_the_same_name_are_told_apart()
    {
        var runs = Run<string>.Named([(SampleJob, "a"), (SampleJob with { Id = "1234567890" }, "b"), (SampleJob with { Name = "other" }, "c")]);
        Assert.Equal(["job (abcdef)", "job (123456)", "other"], runs.Select(r => r.Name));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("-3", null)]
    [InlineData("9999999999", null)]
    [InlineData("7", 7)]
    public void A_selection_typed_by_hand_is_a_number_or_nothing(string? typed, int? number) => Assert.Equal(number, Selections.Number(typed));

    [Fact]
    public void Other_runs_in_the_address_are_separated_by_commas() => Assert.Equal(["a", "b"], new Selections(With: "a,,b ,").Others);

    private static JobView SampleJob { get; } = JobView.From(Rows.Running("abcdefghij", cells: 1)) with { Name = "job" };

    private static EpochResult Epoch(int epoch, int round, double loss) => new() { Epoch = epoch, Round = round, TrainLoss = loss, TrainAccuracy = 0.5, TestLoss = 1, TestAccuracy = 0.5, LearningRate = 0.1, Seconds = 1 };

    private static SweepOrder Order(int order) => new() { Order = order, Positive = 0, Negative = 0, PreservedPositive = 0, PreservedNegative = 0, GeneralizablePositive = 0, GeneralizableNegative = 0, RemovedGenPositive = 0, RemovedGenNegative = 0, EmergedPositive = 0, EmergedNegative = 0, EmergedGenPositive = 0, EmergedGenNegative = 0 };

    private static SweepPoint Point(double ratio, double low, double? high) => new()
    {
        Ratio = ratio,
        Achieved = ratio,
        Parameters = 1,
        Accuracy = 0.5,
        Loss = 1,
        RhoLow = low,
        RhoHigh = high,
        Total = 1,
        Generalizable = 0,
        Removed = 0,
        RemovedGeneralizable = 0,
        Emerged = 0,
        EmergedGeneralizable = 0,
        Orders = [Order(1)],
        ByReferences = [],
        Threshold = null,
        MeanSpan = 1,
        PredictsTarget = 1,
        WorstGap = 0,
        WorstMatchError = 0,
        Unconverged = 0,
        Model = null,
        Sha256 = "",
    };

    private static PruningSweepResult Sweep(PruningPhase[] phases, params SweepPoint[] points) => new()
    {
        Points = points,
        Efficiency = [],
        Phases = phases,
        Networks = [],
        Samples = [],
        Threshold = null,
        Decomposition = DecompositionKind.Joint,
        ForwardPasses = 0,
        SavedPasses = 0,
        Finished = 1,
        Total = 1,
        Notes = [],
    };

    private static JsonElement Json(ChartSpec chart) => JsonSerializer.SerializeToElement(new { traces = chart.Traces, layout = chart.Layout }, LabJson.Options);

    private static ModelProfile Profile(int? epoch, double[]? strength) => new()
    {
        Model = "m",
        Name = "model",
        Epoch = epoch,
        N = 5,
        Samples = 1,
        Orders = [0, 1, 2, 3],
        Strength = strength,
        StandardError = [0.2, 0.2, 0.2, 0.2],
        NoiseFloor = [0, 0, 0, 0],
        Reduced = strength,
        ReducedStandardError = [0.1, 0.1, 0.1, 0.1],
        SampleStandardError = null,
        Magnitude = [.. (strength ?? [0, 0, 0, 0]).Select(j => 10 * j)],
        MeanInteraction = [0, 0, 0, 0],
        Contexts = [1, 1, 1, 1],
        EfficiencyError = null,
        Theory = null,
        Shape = null,
    };
}
