using System.Text.Json.Nodes;
using static InteractionLab.EndToEnd.Walk;
using static Microsoft.Playwright.Assertions;

namespace InteractionLab.EndToEnd;

/// <summary>Long names, screens between a phone's and a desk's, and faults where nobody looks, in a real browser.</summary>
public sealed class RoughEdgeTests
{
    [Fact]
    public async Task LongNamesAndWideTablesStayOnTheScreen()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await SmallTable.AddAsync(visit.Client, visit.Folder);
        var training = SmallTable.Training(1);
        training["train"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 40 } };
        training["test"] = new JsonObject { ["dataset"] = dataset, ["samples"] = new JsonObject { ["from"] = 40, ["to"] = 60 } };
        training["modulation"] = new JsonArray(
            new JsonObject { ["type"] = "suppress", ["from"] = 0, ["to"] = 0.5, ["pairs"] = 2 },
            new JsonObject { ["type"] = "suppress", ["from"] = 0, ["to"] = 0.5, ["weight"] = 2 });
        var name = "<b>net</b>" + new string('x', 120);
        var trained = await visit.Client.PostAsync("/api/v1/jobs", new JsonObject { ["kind"] = "training", ["name"] = name, ["spec"] = training });
        var job = (string)trained["id"]!;
        var result = await ResultAsync(visit, job);
        var models = new JsonArray([.. result["snapshots"]!.AsArray().Select(snapshot => (JsonNode)(string)snapshot!["model"]!)]);
        var profiles = await visit.Client.SubmitAsync("bottleneck", new JsonObject { ["models"] = models.DeepClone(), ["dataset"] = dataset, ["samples"] = new JsonArray(1, 2), ["players"] = new JsonObject { ["type"] = "columns" } });
        var tests = await visit.Client.SubmitAsync("macro", new JsonObject
        {
            ["models"] = models,
            ["dataset"] = dataset,
            ["samples"] = new JsonObject { ["from"] = 0, ["to"] = 20 },
            ["fit"] = new JsonObject { ["train"] = new JsonObject { ["dataset"] = dataset } },
            ["robustness"] = new JsonObject { ["epsilon"] = 0.1, ["steps"] = 2, ["stepSize"] = 0.1 },
        });
        await visit.Client.WaitAsync(profiles);
        await visit.Client.WaitAsync(tests);

        var page = await visit.PageAsync();
        foreach (var path in (string[])[$"/jobs/{profiles}?tab=profile", $"/jobs/{profiles}?tab=models", $"/jobs/{tests}"])
        {
            await OpenAsync(page, path);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
            foreach (var width in (int[])[390, 720, 870])
            {
                await TurnAsync(page, dark: false, width);
                await Expect(page.GetByText("<b>net</b>").Filter(new() { Visible = true }).First).ToBeVisibleAsync(Patient);
                var overflow = await OverflowAsync(page);
                Assert.True(overflow <= 1, $"{path} is {overflow} px wider than a screen of {width} px");
            }
        }

        // Two losses over the same orders are two lines, and what they cost is said.
        var curves = await visit.PageAsync();
        await OpenAsync(curves, $"/jobs/{job}");
        Assert.Equal(2, await TracesAsync(curves, "chart-terms"));
        await Expect(curves.GetByTestId("terms-cost")).ToContainTextAsync("%");
        Assert.Empty(visit.Browser.Faults);
    }

    [Fact]
    public async Task AFaultDoesNotHideInAClosedGroup()
    {
        await using var visit = await Visit.StartAsync();
        var dataset = await SmallTable.AddAsync(visit.Client, visit.Folder);
        var page = await visit.PageAsync();
        await OpenAsync(page, "/experiments/new?kind=training&spec=" + Uri.EscapeDataString(new JsonObject { ["train"] = new JsonObject { ["dataset"] = dataset }, ["test"] = new JsonObject { ["dataset"] = dataset }, ["seed"] = "x" }.ToJsonString()));
        await Expect(page.GetByText("must be a whole number")).ToBeVisibleAsync(Patient);
        await FillAsync(page, "seed", "3");
        await Expect(page.GetByTestId("estimate-passes")).ToBeVisibleAsync(Patient);
        await Expect(page.GetByTestId("seed")).ToBeVisibleAsync();

        // A fault of a list stands at the list, not at the choice above it.
        await page.GetByTestId("kind").SelectOptionAsync("modulation-study");
        await page.GetByTestId("profile-orders").SelectOptionAsync("list");
        await FillAsync(page, "profile-orders-list", "0, many");
        await Expect(page.GetByTestId("profile-orders-list")).ToHaveAttributeAsync("aria-invalid", "true", new() { Timeout = 60_000 });
        await Expect(page.GetByTestId("profile-orders")).Not.ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Empty(visit.Browser.Faults);
    }

    private static async Task<JsonNode> ResultAsync(Visit visit, string job)
    {
        await visit.Client.WaitAsync(job);
        return await visit.Client.GetAsync($"/api/v1/jobs/{job}/result");
    }
}
