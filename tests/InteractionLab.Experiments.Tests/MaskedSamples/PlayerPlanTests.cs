using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>Which cells of the input each player owns.</summary>
public sealed class PlayerPlanTests
{
    private static PlayerPlan Plan(string players, int[] shape, bool keepOutside = true)
    {
        var faults = new SpecFaults();
        var spec = PlayersReader.Read(new SpecValue(JsonElement.Parse(players), "players", faults), seed: 11);
        faults.ThrowIfAny();
        var plan = PlayerPlan.Create(spec!, shape, keepOutside, faults);
        faults.ThrowIfAny();
        return plan!;
    }

    [Fact]
    public void A_listed_grid_cell_owns_its_pixels_in_every_channel()
    {
        var players = Plan("""{"type": "grid", "rows": 2, "columns": 2, "cells": [3, 0]}""", [2, 4, 4]).For(0);
        Assert.Equal([3, 0], players.Players);
        int[] plane = [1, 1, -1, -1, 1, 1, -1, -1, -1, -1, 0, 0, -1, -1, 0, 0];
        Assert.Equal([.. plane, .. plane], players.Layout.PlayerOf);
    }

    [Fact]
    public void Cells_of_no_player_can_take_the_baseline()
    {
        var players = Plan("""{"type": "grid", "rows": 1, "columns": 2, "cells": [1]}""", [1, 1, 4], keepOutside: false).For(0);
        Assert.Equal([PlayerLayout.Absent, PlayerLayout.Absent, 0, 0], players.Layout.PlayerOf);
    }

    [Fact]
    public void Uneven_patches_cover_the_picture_and_differ_by_one_pixel()
    {
        var plan = Plan("""{"type": "grid", "rows": 3, "columns": 5}""", [1, 28, 28]);
        Assert.Contains("28x28", plan.Note, StringComparison.Ordinal);
        var owners = plan.For(0).Layout.PlayerOf;
        for (var row = 0; row < 3; row++)
        {
            var pixels = Enumerable.Range(0, 28).Count(y => owners[y * 28] == row * 5);
            Assert.InRange(pixels, 9, 10);
        }

        Assert.Equal(Enumerable.Range(0, 15), owners.Distinct().Order());
        Assert.Null(Plan("""{"type": "grid", "rows": 4, "columns": 4}""", [1, 28, 28]).Note);
    }

    [Fact]
    public void Random_cells_depend_on_seed_and_sample_and_on_nothing_else()
    {
        const string Spec = """{"type": "grid", "rows": 8, "columns": 8, "select": 10, "by": "random", "seed": 2024}""";
        var first = Plan(Spec, [3, 32, 32]);
        var second = Plan(Spec, [3, 32, 32]);
        _ = second.For(1);
        Assert.Equal(first.For(8).Players, second.For(8).Players);
        Assert.Equal(first.For(8).Layout.PlayerOf, second.For(8).Layout.PlayerOf);
        Assert.NotEqual(first.For(8).Players, first.For(9).Players);
        Assert.NotEqual(first.For(8).Players, Plan(Spec.Replace("2024", "2025", StringComparison.Ordinal), [3, 32, 32]).For(8).Players);
        Assert.Equal(first.For(8).Players.Order().Distinct(), first.For(8).Players);
        Assert.Equal(Chosen, first.For(8).Players);
    }

    [Fact]
    public void Groups_own_cells_of_the_input_or_of_a_grid()
    {
        Assert.Equal([0, 1, 1, -1, 0, -1], Plan("""{"type": "groups", "groups": [[0, 4], [1, 2]]}""", [6]).For(0).Layout.PlayerOf);
        Assert.Equal([1, 0, 0, 0], Plan("""{"type": "groups", "rows": 2, "columns": 2, "groups": [[1, 2, 3], [0]]}""", [1, 2, 2]).For(3).Layout.PlayerOf);
        Assert.Equal([0, 1, 2], Plan("""{"type": "columns"}""", [3]).For(0).Layout.PlayerOf);
    }

    // Fixed for ever: stored results name these cells.
    private static readonly int[] Chosen = [3, 8, 12, 13, 14, 27, 37, 41, 45, 46];
}
