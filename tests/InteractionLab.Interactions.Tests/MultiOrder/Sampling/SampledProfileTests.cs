namespace InteractionLab.Interactions.Tests.MultiOrder.Sampling;

/// <summary>Sampled multi-order interactions against exact ones (method.md §5).</summary>
public sealed class SampledProfileTests
{
    [Theory]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(16)]
    public void The_exact_profile_lies_within_the_stated_errors(int n)
    {
        // 15 choices of games, pairs and contexts; 95 % of intervals of 1.96 standard errors should hold the exact
        // value. Errors of one profile are dependent, so the band is wider than that of as many coin tosses.
        var (inside, all, plainInside) = (0, 0, 0);
        for (var seed = 0; seed < 15; seed++)
        {
            var games = Enumerable.Range(0, 3).Select(x => WavyGame(n, (seed * 3) + x)).ToList();
            var orders = Enumerable.Range(0, n - 1).Where(m => m % 2 == 0 || m == n - 2).ToList();
            var pairs = Draw(AllPairs(n), 40, seed);
            var profile = Measure(n, games, pairs, orders, contexts: 40, seed, n * (n - 1) / 2);
            var exact = RelativeStrength.Of([.. games.Select(game => MultiOrderInteractions.Of(game))], orders)!;
            for (var k = 0; k < orders.Count; k++)
            {
                all++;
                inside += Math.Abs(profile.Reduced![k] - exact[k]) <= 1.96 * profile.ReducedStandardError[k] ? 1 : 0;
                plainInside += Math.Abs(profile.Strength![k] - exact[k]) <= 1.96 * profile.StandardError[k] ? 1 : 0;
            }
        }

        Assert.InRange((double)inside / all, 0.93, 0.995);
        Assert.InRange((double)plainInside / all, 0.93, 1.0);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(10)]
    [InlineData(20)]
    public void Where_players_matter_unequally_the_noise_taken_out_is_what_was_in(int contexts)
    {
        // The interactions of players that matter much are larger and noisier: |I| and its noise go together, as in networks.
        var (inside, plainInside, all) = (0, 0, 0);
        double[] off = new double[6], plainOff = new double[6];
        List<int> orders = [0, 2, 4, 5, 7, 10];
        var games = Enumerable.Range(0, 8).Select(x => WavyGame(12, x, unequal: true)).ToList();
        var exact = RelativeStrength.Of([.. games.Select(game => MultiOrderInteractions.Of(game))], orders)!;
        const int Seeds = 12;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var profile = Measure(12, games, AllPairs(12), orders, contexts, seed, 66);
            for (var k = 0; k < orders.Count; k++)
            {
                all++;
                inside += Math.Abs(profile.Reduced![k] - exact[k]) <= 1.96 * profile.ReducedStandardError[k] ? 1 : 0;
                plainInside += Math.Abs(profile.Strength![k] - exact[k]) <= 1.96 * profile.StandardError[k] ? 1 : 0;
                off[k] += (profile.Reduced[k] - exact[k]) / Seeds;
                plainOff[k] += (profile.Strength[k] - exact[k]) / Seeds;
            }
        }

        // At order 0, which has no noise of its own, J is off by what the others are; a third of it may be left, either way.
        Assert.True(-plainOff[0] > 3 * Math.Abs(off[0]), $"{string.Join(' ', plainOff)} and reduced {string.Join(' ', off)}");
        Assert.InRange((double)inside / all, 0.93, 1.0);
        Assert.InRange((double)plainInside / all, 0.93, 1.0);
    }

    [Fact]
    public void Noise_that_goes_with_the_magnitude_is_taken_out_right()
    {
        // |μ| and s share a factor of 0.02 to 50 beside what each has of its own.
        var random = new Random(4);
        var size = Enumerable.Range(0, 2000).Select(_ => Math.Exp(1.3 * Normal(random))).ToArray();
        var truth = size.Select(scale => scale * Normal(random)).ToArray();
        var noise = size.Select(scale => 0.6 * scale * (0.5 + random.NextDouble())).ToArray();
        var x = truth.Zip(noise, (mu, s) => mu + (s * Normal(random))).ToArray();
        var estimate = new NoisyMagnitudes([.. noise.Select(s => s * s)]).Estimate(x, [.. Enumerable.Range(0, x.Length)]);
        var exact = truth.Average(Math.Abs);
        Assert.True(x.Average(Math.Abs) - exact > 0.12 * exact);
        Assert.Equal(exact, estimate, 0.03 * exact);
    }

    [Fact]
    public void Measurements_without_noise_count_as_they_are()
    {
        double[] x = [3, -1, 0, 0.5];
        Assert.Equal(1.125, new NoisyMagnitudes(new double[4]).Estimate(x, [0, 1, 2, 3]), 1e-15);
        Assert.Equal(2, new NoisyMagnitudes(new double[4]).Estimate([3, -1], [0, 1]), 1e-15);

        // Beside a noisy one, and one far above its noise.
        var estimate = new NoisyMagnitudes([0, 0.01, 0, 4]).Estimate([3, -1, 0, 0.5], [0, 1, 2, 3]);
        Assert.InRange(estimate, 1.0, 1.4);
    }

    [Fact]
    public void Errors_are_not_far_too_large()
    {
        // The mean of the squared error in units of the standard error is 1 for an honest one.
        var ratios = new List<double>();
        for (var seed = 0; seed < 30; seed++)
        {
            var game = WavyGame(12, seed);
            var orders = Enumerable.Range(2, 7).ToList();
            var pairs = AllPairs(12);
            var profile = Measure(12, [game], pairs, orders, contexts: 30, seed + 100, pairs.Count);
            var exact = RelativeStrength.Of([MultiOrderInteractions.Of(game)], orders)!;
            ratios.AddRange(orders.Select((_, k) => Math.Pow((profile.Reduced![k] - exact[k]) / profile.ReducedStandardError[k], 2)));
        }

        Assert.InRange(ratios.Average(), 0.4, 2.0);
    }

    [Fact]
    public void With_all_contexts_and_pairs_it_is_exact()
    {
        var game = WavyGame(8, 1);
        var orders = Enumerable.Range(0, 7).ToList();
        var profile = Measure(8, [game], AllPairs(8), orders, contexts: 20, 0, 28);
        var exact = MultiOrderInteractions.Of(game);
        Assert.All(profile.Exhaustive, Assert.True);
        Assert.Equal(orders.Select(m => (int)Binomial(6, m)), profile.Contexts);
        for (var k = 0; k < orders.Count; k++)
        {
            Assert.Equal(exact.MeanMagnitudes()[k], profile.Magnitudes[k], 1e-12);
            Assert.Equal(exact.MeanInteractions()[k], profile.MeanInteraction[k], 1e-12);
            Assert.Equal(0, profile.StandardError[k], 1e-12);
            Assert.Equal(0, profile.NoiseFloor[k]);
            Assert.Equal(RelativeStrength.Of(exact)![k], profile.Reduced![k], 1e-12);
        }
    }

    [Fact]
    public void A_game_of_singles_and_noise_has_only_its_noise_floor()
    {
        // Independent noise on every mask: all interactions of many contexts are nearly 0, and what is measured is the floor.
        const int N = 16;
        var noise = new PortableRandom(5);
        var game = Enumerable.Range(0, 1 << N).Select(mask => (mask & 1) + ((double)noise.Next() / ulong.MaxValue)).ToArray();
        var orders = Enumerable.Range(5, 5).ToList();
        var profile = Measure(N, [game], Draw(AllPairs(N), 60, 1), orders, contexts: 50, 3, 120);
        for (var k = 0; k < orders.Count; k++)
        {
            // The draws share masks among pairs, so the noise of the pairs is not independent and its mean varies.
            Assert.InRange(profile.Strength![k] / profile.NoiseFloor[k], 0.6, 1.6);
        }
    }

    [Fact]
    public void The_noise_is_taken_out_of_magnitudes()
    {
        // A third of the means are 0, the others N(0, 1) wide; noise 0.5: the plain mean is off by some 0.2.
        var random = new Random(3);
        var truth = Enumerable.Range(0, 3000).Select(k => k % 3 == 0 ? 0 : Normal(random)).ToArray();
        var x = truth.Select(mu => mu + (0.5 * Normal(random))).ToArray();
        var estimate = new NoisyMagnitudes([.. x.Select(_ => 0.25)]).Estimate(x, [.. Enumerable.Range(0, x.Length)]);
        var exact = truth.Average(Math.Abs);
        Assert.True(x.Average(Math.Abs) - exact > 0.1);
        Assert.Equal(exact, estimate, 0.04);
    }

    [Theory]
    [InlineData(new[] { 2.0, 1.0, 0.2, 0.8, 1.5 }, true, 4)]
    [InlineData(new[] { 0.2, 1.0, 2.0, 0.8, 1.5 }, false, 0)]
    [InlineData(new[] { 1.0, 1.0, 0.95, 1.0, 1.0 }, false, 4)]
    public void A_U_needs_a_fall_beyond_the_errors(double[] strength, bool isU, int minimum)
    {
        var shape = ProfileShape.Of([0, 2, 4, 6, 8], strength, Independent([0.1, 0.1, 0.1, 0.1, 0.1]))!;
        Assert.Equal(isU, shape.IsU);
        Assert.Equal(0.1 * Math.Sqrt(2), shape.FallStandardError, minimum == 0 ? 0.15 : 1e-12);
        Assert.Null(shape.HoldsForOtherSamples);
        Assert.Equal(minimum, shape.MinimumAt);
        Assert.Equal(1 - (strength.Min() / Math.Min(strength[0], strength[^1])), shape.Depth!.Value, 1e-12);
        Assert.Null(ProfileShape.Of([0, 1], [1, 1]));
    }

    [Fact]
    public void A_U_of_these_samples_need_not_be_one_of_others()
    {
        double[] strength = [1.2, 1, 0.6, 1, 1.2];
        var exact = ProfileShape.Of([0, 1, 2, 3, 4], strength, null, Independent([0.3, 0.3, 0.3, 0.3, 0.3]))!;
        Assert.Equal((true, false), (exact.IsU, exact.HoldsForOtherSamples));
        Assert.Equal(0.3 * Math.Sqrt(2), exact.SampleFallStandardError!.Value, 1e-12);

        // Errors that the two orders share cancel in their difference; those that go against each other add up.
        var shared = ProfileShape.Of([0, 1, 2, 3, 4], strength, null, new ProfileErrors([[0.3, 0.3, 0.3, 0.3, 0.3]]))!;
        Assert.Equal((true, 0.0), (shared.HoldsForOtherSamples!.Value, shared.SampleFallStandardError!.Value));
        var against = ProfileShape.Of([0, 1, 2, 3, 4], strength, null, new ProfileErrors([[0.15, 0, -0.15, 0, 0]]))!;
        Assert.Equal(0.3, against.SampleFallStandardError!.Value, 1e-12);
        Assert.Equal(false, against.HoldsForOtherSamples);
    }

    [Fact]
    public void The_minimum_of_many_orders_must_fall_further()
    {
        // 2.2 standard errors: enough for one order between, not for the lowest of nine.
        var error = 0.2 / 2.2 / Math.Sqrt(2);
        Assert.True(ProfileShape.Of([0, 5, 10], [1, 0.8, 1], Independent([error, error, error]))!.IsU);
        Assert.False(ProfileShape.Of([.. Enumerable.Range(0, 11)], [1, 1, 1, 1, 0.8, 1, 1, 1, 1, 1, 1], Independent([.. Enumerable.Repeat(error, 11)]))!.IsU);
    }

    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(9, 2.262)]
    [InlineData(11, 2.201)]
    [InlineData(19, 2.093)]
    [InlineData(60, 2.000)]
    [InlineData(100000, 1.960)]
    public void Quantiles_of_Students_t_are_those_of_the_tables(int freedom, double expected) => Assert.Equal(expected, StudentT.Quantile(freedom), 6e-4);

    [Theory]
    [InlineData(1, 1.960)]
    [InlineData(9, 2.773)]
    [InlineData(100, 3.481)]
    public void Quantiles_for_the_largest_of_some_are_those_of_the_normal_distribution(int looks, double expected) => Assert.Equal(expected, StudentT.Largest(looks), 2e-3);

    /// <summary>Errors of orders that have nothing to do with each other.</summary>
    private static ProfileErrors Independent(double[] standardErrors) =>
        new([.. standardErrors.Select((error, k) => standardErrors.Select((_, order) => order == k ? error : 0).ToArray())]);

    private static SampledProfile Measure(int n, List<double[]> games, List<PlayerPair> pairs, List<int> orders, int contexts, int seed, int population)
    {
        var sampler = new ContextSampler(n, pairs, orders, contexts, seed);
        var sums = games.Select(_ => new PairSums(orders.Count, pairs.Count)).ToList();
        for (var round = 0; round < 2; round++)
        {
            var next = sampler.Next(contexts / 2);
            for (var x = 0; x < games.Count; x++)
            {
                sums[x].Add(next, [.. Enumerable.Range(0, next.Masks.Count).Select(k => games[x][next.Masks[k][0]])]);
            }
        }

        return SampledProfile.Of(sampler, sums, population);
    }

    // Smooth in the masks and different in every order, as a network's outputs are; unequal players matter 0.1 to 10 times as much.
    private static double[] WavyGame(int n, int seed, bool unequal = false)
    {
        var random = new Random(seed);
        var matters = Enumerable.Range(0, n).Select(_ => unequal ? Math.Exp(1.2 * Normal(random)) : 1).ToArray();
        var waves = Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, n).Select(i => matters[i] * (random.NextDouble() - 0.3)).ToArray()).ToArray();
        var scale = waves.Select(_ => 0.5 + random.NextDouble()).ToArray();
        var v = new double[1 << n];
        for (var mask = 0; mask < v.Length; mask++)
        {
            for (var w = 0; w < waves.Length; w++)
            {
                var sum = -0.5;
                for (var i = 0; i < n; i++)
                {
                    sum += ((mask >> i) & 1) * waves[w][i];
                }

                v[mask] += scale[w] * Math.Tanh(2 * sum);
            }
        }

        return v;
    }

    internal static List<PlayerPair> AllPairs(int n) =>
        [.. from i in Enumerable.Range(0, n) from j in Enumerable.Range(i + 1, n - i - 1) select new PlayerPair(i, j)];

    private static List<PlayerPair> Draw(List<PlayerPair> pairs, int count, int seed) =>
        [.. new PortableRandom(seed).Draw(Enumerable.Range(0, pairs.Count), count).Select(k => pairs[k])];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Binomial(int n, int k) => k == 0 ? 1 : Binomial(n, k - 1) * (n - k + 1) / k;
}
