namespace InteractionLab.Interactions.Tests.MultiOrder.Sampling;

/// <summary>What is drawn, and what it costs.</summary>
public sealed class ContextSamplerTests
{
    [Theory]
    [InlineData(9, 3)]
    [InlineData(70, 8)]
    [InlineData(130, 60)]
    public void Every_pair_and_order_gets_its_contexts_and_each_only_once(int n, int order)
    {
        var pairs = SampledProfileTests.AllPairs(n).Where((_, k) => k % 7 == 0).Take(25).ToList();
        int[] orders = [order, n - 2 - order];
        var sampler = new ContextSampler(n, pairs, orders, 12, 4);
        var seen = new HashSet<(int, int, string)>();
        for (var round = 0; round < 3; round++)
        {
            var next = sampler.Next(4);
            var per = next.Terms.CountBy(term => (term.Order, term.Pair)).ToDictionary();
            Assert.Equal(2 * pairs.Count, per.Count);
            Assert.All(per.Values, count => Assert.Equal(4, count));
            foreach (var term in next.Terms)
            {
                var (i, j) = pairs[term.Pair];
                var neither = Members(next.Masks, term.Neither);
                Assert.Equal(orders[term.Order], neither.Count);
                Assert.DoesNotContain(i, neither);
                Assert.DoesNotContain(j, neither);
                Assert.Equal([.. neither.Append(i).Order()], Members(next.Masks, term.OnlyI));
                Assert.Equal([.. neither.Append(j).Order()], Members(next.Masks, term.OnlyJ));
                Assert.Equal([.. neither.Append(i).Append(j).Order()], Members(next.Masks, term.Both));
                Assert.True(seen.Add((term.Order, term.Pair, string.Join(',', neither))));
            }
        }

        Assert.Throws<InvalidOperationException>(() => sampler.Next(1));
    }

    /// <summary>One order whose contexts are drawn, and one of which all are taken.</summary>
    [Theory]
    [InlineData(9)]
    [InlineData(1)]
    public void Drawing_ends_when_it_is_cancelled(int order)
    {
        ContextSampler Sampler() => new(20, [new PlayerPair(2, 5)], [order], 20, 1);
        Assert.Throws<OperationCanceledException>(() => Sampler().Next(20, new CancellationToken(canceled: true)));
        Assert.NotEmpty(Sampler().Next(20, CancellationToken.None).Terms);
    }

    [Fact]
    public void Contexts_are_uniform()
    {
        // n = 6, m = 2: a pair has 6 contexts. Single draws under 6000 seeds; 25 pairs of degrees of freedom 5.
        var pairs = SampledProfileTests.AllPairs(6);
        var counts = new Dictionary<(int, int), int>();
        for (var seed = 0; seed < 3000; seed++)
        {
            // At most two of a pair's six contexts may be asked for, else all are taken.
            var round = new ContextSampler(6, pairs, [2], 2, seed).Next(1);
            foreach (var term in round.Terms)
            {
                var key = (term.Pair, (int)round.Masks[term.Neither][0]);
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        Assert.Equal(pairs.Count * 6, counts.Count);

        // χ² with 5 degrees of freedom has mean 5; over 15 pairs the mean of χ² lies within 5 ± 4·√(10/15).
        var chi = pairs.Select((_, p) => counts.Where(c => c.Key.Item1 == p).Sum(c => Math.Pow(c.Value - 500, 2) / 500)).Average();
        Assert.InRange(chi, 5 - 3.3, 5 + 3.3);
    }

    [Fact]
    public void Dense_pairs_cost_about_one_forward_pass_each()
    {
        var pairs = SampledProfileTests.AllPairs(40);
        foreach (var m in new[] { 2, 8, 30, 36 })
        {
            var round = new ContextSampler(40, pairs, [m], 20, 1).Next(20);
            Assert.InRange((double)round.Masks.Count / round.Terms.Count, 0.5, 1.6);
        }

        // Orders with one context are evaluated once.
        Assert.Equal(1 + 40 + 780, new ContextSampler(40, pairs, [0], 20, 1).Next(20).Masks.Count);
        Assert.Equal(1 + 40 + 780, new ContextSampler(40, pairs, [38], 20, 1).Next(20).Masks.Count);
    }

    [Fact]
    public void The_same_seed_draws_the_same()
    {
        var pairs = SampledProfileTests.AllPairs(20);
        var (first, second) = (new ContextSampler(20, pairs, [5, 9], 8, 11), new ContextSampler(20, pairs, [5, 9], 8, 11));
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(first.Next(4).Terms, second.Next(4).Terms);
        }

    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Throws<ArgumentException>(() => new ContextSampler(5, [], [1], 4, 0));
        Assert.Throws<ArgumentException>(() => new ContextSampler(5, [new(1, 1)], [1], 4, 0));
        Assert.Throws<ArgumentException>(() => new ContextSampler(5, [new(0, 5)], [1], 4, 0));
        Assert.Throws<ArgumentException>(() => new ContextSampler(5, [new(0, 1)], [4], 4, 0));
        Assert.Throws<ArgumentException>(() => new ContextSampler(5, [new(0, 1)], [1, 1], 4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContextSampler(5, [new(0, 1)], [1], 1, 0));
    }

    private static List<int> Members(MaskList masks, int index) => [.. Enumerable.Range(0, masks.Players).Where(i => masks.Has(index, i))];
}
