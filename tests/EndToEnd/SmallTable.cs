using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>A small table whose label is the sign of a sum and a product of columns, and a network that learns it in no time.</summary>
internal static class SmallTable
{
    public const int Rows = 240;

    /// <summary>A spec of kind training without its samples.</summary>
    public static JsonObject Training(int epochs) => new()
    {
        ["architecture"] = new JsonObject { ["name"] = "mlp", ["depth"] = 2, ["width"] = 16 },
        ["epochs"] = epochs,
        ["batchSize"] = 8,
        ["device"] = "cpu",
    };

    /// <summary>Registers it; gives its id.</summary>
    public static async Task<string> AddAsync(LabClient client, string folder)
    {
        var random = new Random(5);
        var text = new StringBuilder("a,b,c,d,label\n");
        for (var i = 0; i < Rows; i++)
        {
            var x = Enumerable.Range(0, 4).Select(_ => (random.NextDouble() * 2) - 1).ToArray();
            text.Append(string.Join(',', x.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))).Append(x[0] + x[1] + (2 * x[2] * x[3]) > 0 ? ",yes\n" : ",no\n");
        }

        var file = Path.Combine(folder, "rows.csv");
        await File.WriteAllTextAsync(file, text.ToString());
        return await client.AddDatasetAsync("csv", new JsonObject { ["label"] = "label" }, file);
    }
}
