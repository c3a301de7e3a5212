using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.Specs;

/// <summary>Whatever a spec says, planning gives a plan or names the faults.</summary>
public sealed class MutatedSpecTests
{
    private const int Mutations = 1000;

    private static readonly string[] Junk =
    [
        "null", "true", "-1", "0", "1e400", "-1e400", "1e308", "0.5", "9007199254740993", "99999999999999999999", "17", "\"\"", "\"all\"", "\"label\"", "\"certified\"",
        "\"\\ud800\"", "\"../../etc\"", "[]", "[[]]", "[0]", "[-1, 1e9]", "[\"a\", null]", "{}", "{\"type\": \"grid\"}", "{\"count\": 3}", "{\"from\": 0, \"to\": 2147483647}",
        "{\"\\ud800\": 1}", "[[0, 1, 2, 3], [0, 1, 2, 3]]", "[[1e308, -1e308], [0, 0]]", "{\"type\": \"constant\", \"value\": 1e40}", "2147483648",
    ];

    private static readonly (string Kind, string Spec)[] Seeds =
    [
        ("masked-samples", MaskedSamplesSpecTests.Spec("""{"baseline": {"type": "zero"}, "value": {"type": "logit", "target": 1}, "interactions": {"solver": "half"}, "salience": {"rule": "top-k", "k": 5}}""")),
        ("masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": {"count": 3, "seed": 1, "perClass": true}, "players": {"type": "groups", "groups": [[0, 1], [2]]}, "seed": 4}""")),
        ("masked-samples", """{"model": "rows-net", "dataset": "rows", "samples": {"from": 0, "to": 3}, "players": {"type": "columns"}, "outside": "keep", "batch": 8, "device": "cpu"}"""),
        ("games", """{"games": [[0, 1, 2, 4], [3, 1, 0, 2]], "names": ["a", "b"], "pairs": [[0, 1]], "interactions": {"noise": 0}, "salience": {"factor": 0.1}}"""),
    ];

    [Fact]
    public async Task Every_mutation_is_planned_or_refused()
    {
        using var lab = Lab.Tiny();
        var random = new Random(20_240_607);
        var (planned, refused) = (0, 0);
        for (var i = 0; i < Mutations; i++)
        {
            var (kind, seed) = Seeds[random.Next(Seeds.Length)];
            var text = Mutate(seed, random);
            while (!IsJson(text))
            {
                text = Mutate(seed, random);
            }

            try
            {
                using var spec = JsonDocument.Parse(text);
                var plan = await ExperimentCatalog.Find(kind)!.PlanAsync(spec.RootElement, lab, TestContext.Current.CancellationToken);
                Assert.NotEmpty(plan.Cells);
                planned++;
            }
            catch (SpecException exception)
            {
                Assert.NotEmpty(exception.Errors);
                Assert.All(exception.Errors, error => Assert.NotEmpty(error.Value));
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{text}\n{exception}");
            }
        }

        Assert.InRange(planned, 20, Mutations);
        Assert.InRange(refused, 400, Mutations);
    }

    private static string Mutate(string seed, Random random)
    {
        var spec = JsonNode.Parse(seed)!;
        var text = spec.ToJsonString();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            // Junk is put in as raw text, since some of it no JSON node can hold.
            var places = new List<string>();
            Collect(spec, places);
            var junk = Junk[random.Next(Junk.Length)];
            text = random.Next(8) switch
            {
                0 => text.Insert(1, $"\"extra{edits}\": {junk}, "),
                _ => Replace(text, places[random.Next(places.Count)], junk),
            };
        }

        return text;
    }

    /// <summary>Junk put into junk can end up inside a number; such text never reaches an experiment.</summary>
    private static bool IsJson(string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Replace(string text, string value, string junk)
    {
        var at = text.IndexOf(value, StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), junk, text.AsSpan(at + value.Length));
    }

    /// <summary>The text of every value of a spec, as it stands in the seed.</summary>
    private static void Collect(JsonNode? node, List<string> values)
    {
        var children = node switch
        {
            JsonObject fields => fields.Select(field => field.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children)
        {
            values.Add(child?.ToJsonString() ?? "null");
            Collect(child, values);
        }
    }
}
