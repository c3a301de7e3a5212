using InteractionLab.Models.Datasets;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Datasets;

public class CsvFormatTests
{
    [Fact]
    public void The_census_table_is_read_whole()
    {
        var path = SharedData.Path("data", "adult.csv");
        using var upload = new Upload();
        using var dataset = upload.AddFile(path).Open("csv", """{"label": "label"}""");
        var summary = dataset.Summary;
        Assert.Equal((30162, 2, SampleKind.Tabular), (summary.Count, summary.Classes, summary.Kind));
        Assert.Equal([12], summary.SampleShape);
        Assert.Equal(("age", "country"), (summary.ColumnNames![0], summary.ColumnNames[11]));

        var lines = File.ReadAllLines(path);
        foreach (var i in (int[])[0, 1, 17, 30161])
        {
            var cells = lines[i + 1].Split(',');
            var sample = dataset.Get(i);
            Assert.Equal(int.Parse(cells[12], System.Globalization.CultureInfo.InvariantCulture), sample.Label);
            Assert.Equal(cells[..12].Select(c => float.Parse(c, System.Globalization.CultureInfo.InvariantCulture)), sample.Values);
        }

        // The columns were standardised when the file was made.
        Assert.All(dataset.Mean, m => Assert.Equal(0, m, 1e-4));
    }

    [Fact]
    public void Quotes_line_ends_and_names_are_understood()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.csv", "\uFEFFa,\"b \"\"q\"\"\",kind\r\n1, 2.5 ,dog\r\n\r\n\"-3\",4e1,\"cat, big\"\r5,6,dog").Open("csv", """{"label": "kind"}""");
        Assert.Equal(["a", "b \"q\""], dataset.Summary.ColumnNames);
        Assert.Equal(["cat, big", "dog"], dataset.Summary.ClassNames);
        Assert.Equal([1, 0, 1], dataset.Labels);
        Assert.Equal([-3f, 40f], dataset.Get(1).Values);
        Assert.Null(dataset.Png(0));
    }

    [Fact]
    public void Automatic_scaling_gives_mean_zero_and_deviation_one()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("x.csv", "1600000001,7,0\n1600000003,7,1\n").Open("csv", """{"label": 2, "mean": "auto", "std": "auto"}""");
        // 1600000001 is not a single-precision number; its neighbours 1600000000 and 1600000128 are.
        Assert.Equal([0f, 0f], dataset.Mean);
        Assert.Equal([0f, 0f], dataset.Get(1).Values);

        using var other = new Upload();
        using var spread = other.Add("x.csv", "1,2\n3,2\n5,8\n").Open("csv", """{"label": null, "mean": "auto", "std": "auto"}""");
        Assert.Null(spread.Labels);
        var deviation = Math.Sqrt(8.0 / 3);
        Assert.Equal(-2 / deviation, spread.Get(0).Values[0], 1e-6);
        Assert.Equal(deviation, spread.Summary.Options.GetProperty("std")[0].GetDouble(), 1e-12);
        Assert.Equal(4, spread.Summary.Options.GetProperty("mean")[1].GetDouble(), 1e-12);
        Assert.All(spread.Mean, m => Assert.Equal(0, m, 1e-7));
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        using var upload = new Upload();
        upload.Add("x.csv", "1,2\n");
        var e = Assert.Throws<DatasetRejectedException>(() => upload.Import("csv", """{"label": -1, "mean": "x", "std": [1, 0], "header": 1, "sep": ";"}"""));
        Assert.Equal(["options.header", "options.label", "options.mean", "options.sep", "options.std"], e.Errors.Keys.Order());
        Assert.Equal("options.sep", e.Field);
        Assert.Contains("options.std: must be above 0", e.Message, StringComparison.Ordinal);

        e = Assert.Throws<DatasetRejectedException>(() => upload.Import("csv", """{"label": null, "mean": [1, 2, 3], "std": [1, 2, 3]}"""));
        Assert.Equal(["options.mean", "options.std"], e.Errors.Keys.Order());
    }

    [Theory]
    [InlineData("1,2\n3,4\n", """{"label": null}""", 2, 2)]
    [InlineData("a,b\n3,4\n", """{"label": null}""", 1, 2)]
    [InlineData("1,cat\n3,dog\n", """{"label": 1}""", 2, 1)]
    [InlineData("a,b\n3,4\n5,6\n", """{"label": 0}""", 2, 1)]
    [InlineData("2019,2020\n3,4\n", """{"label": null, "header": true}""", 1, 2)]
    public void A_header_is_recognised(string text, string options, int rows, int columns)
    {
        using var upload = new Upload();
        var summary = upload.Add("x.csv", text).Import("csv", options);
        Assert.Equal((rows, columns), (summary.Count, summary.SampleShape[0]));
    }

    [Theory]
    [InlineData("a,b\n1,x\n", "a", "files", "row 2, column 'b': 'x' is not a finite number")]
    [InlineData("a,b\n1,\n", "a", "files", "row 2, column 'b'")]
    [InlineData("a,b\n1,1e39\n", "a", "files", "row 2, column 'b'")]
    [InlineData("a,b\n1,NaN\n", "a", "files", "row 2, column 'b'")]
    [InlineData("a,b\n-1,2\n", "a", "files", "'-1' is no class label")]
    [InlineData("a,b\n1.5,2\n", "a", "files", "no class label")]
    [InlineData("a,b\n1,2\nx,2\n", "a", "files", "row 3, column 'a'")]
    [InlineData("a,b\nx,2\n1,2\n", "a", "files", "row 3, column 'a'")]
    [InlineData("a,b\n9999999,2\n", "a", "files", "no class label")]
    [InlineData("a,b\n1,2,3\n", "a", "files", "row 2 has 3 cells")]
    [InlineData("a,b\n1\n", "a", "files", "row 2 has 1 cells")]
    [InlineData("a,b\n1,\"2\n", "a", "files", "never closed")]
    [InlineData("a,b\n1,\"2\"3\n", "a", "files", "after the closing quote")]
    [InlineData("a,a\n1,2\n", "a", "files", "'a' twice")]
    [InlineData("a,\n1,2\n", "a", "files", "no name")]
    [InlineData("a\n1\n", "a", "files", "no column beside")]
    [InlineData("a,b\n", "a", "files", "no rows")]
    [InlineData("\n\n", "a", "files", "no rows")]
    [InlineData("", "a", "files", "empty")]
    [InlineData("a,b\n1,2\n", "c", "options.label", "names no column")]
    public void Faults_name_row_and_column(string text, string label, string field, string message)
    {
        using var upload = new Upload();
        upload.Add("x.csv", text).Refused("csv", field, message, $$"""{"label": "{{label}}"}""");
    }

    [Theory]
    [InlineData("{}", "options.label", "is needed")]
    [InlineData("""{"label": 2}""", "options.label", "2 columns")]
    [InlineData("""{"label": -1}""", "options.label", "")]
    [InlineData("""{"label": 0, "mean": [1, 2]}""", "options.mean", "2 entries")]
    [InlineData("""{"label": 0, "header": 1}""", "options.header", "")]
    [InlineData("""{"label": 0, "sep": ";"}""", "options.sep", "")]
    [InlineData("""{"label": 0, "separator": ":"}""", "options.separator", "tab")]
    public void Bad_options_are_named(string options, string field, string message)
    {
        using var upload = new Upload();
        upload.Add("x.csv", "1,2\n3,4\n").Refused("csv", field, message, options);
    }

    [Theory]
    [InlineData("a;b;kind\n1.5;-2;1\n3;4e1;0\n", ";")]
    [InlineData("a\tb\tkind\r\n1.5\t-2\t1\r\n3\t4e1\t0\r\n", "tab")]
    [InlineData("a,b,kind\n1.5,-2,1\n3,4e1,0", ",")]
    [InlineData("\uFEFF\"a\"; \"b\" ;\"kind\"\n\n 1.5 ;-2;1\n\"3\";40;0\n", ";")]
    public void The_separator_is_detected(string text, string separator)
    {
        foreach (var option in (string[])["auto", separator])
        {
            using var upload = new Upload();
            using var dataset = upload.Add("x.csv", text).Open("csv", $$"""{"label": "kind", "separator": "{{option}}"}""");
            Assert.Equal(separator, dataset.Summary.Options.GetProperty("separator").GetString());
            Assert.Equal(["a", "b"], dataset.Summary.ColumnNames);
            Assert.Equal([1, 0], dataset.Labels);
            Assert.Equal([1.5f, -2f], dataset.Get(0).Values);
            Assert.Equal([3f, 40f], dataset.Get(1).Values);
        }
    }

    [Theory]
    [InlineData("a;b;kind\n1,5;2;0\n", "auto", "row 2, column 'a': '1,5' is not a finite number: a decimal comma")]
    [InlineData("a,b,kind\n1,\"2,5\",0\n", "auto", "row 2, column 'b': '2,5' is not a finite number: a decimal comma")]
    [InlineData("1,5;2,5;0\n1,5;2,5;0\n", ",", "'5;2' is not a finite number: the separator is ','")]
    [InlineData("a;b;kind\n1;2;0\n", "tab", "the separator is 'tab'")]
    [InlineData("a,b,kind\n1,2\"x,0\n", "auto", "line 2")]
    public void A_wrong_separator_and_decimal_commas_are_named(string text, string separator, string message)
    {
        using var upload = new Upload();
        upload.Add("x.csv", text).Refused("csv", "files", message, $$"""{"label": {{(text[0] == '1' ? "2" : separator == "tab" ? "0" : "\"kind\"")}}, "separator": "{{separator}}"}""");
    }

    [Fact]
    public void Classes_without_samples_are_told()
    {
        using var upload = new Upload();
        var options = upload.Add("x.csv", "a,y\n1,1\n2,4\n3,2\n").Import("csv", """{"label": "y"}""").Options;
        Assert.Equal([0, 3], options.GetProperty("emptyClasses").EnumerateArray().Select(c => c.GetInt32()));
        using var full = new Upload();
        Assert.False(full.Add("x.csv", "a,y\n1,1\n2,0\n").Import("csv", """{"label": "y"}""").Options.TryGetProperty("emptyClasses", out _));
    }

    [Fact]
    public void A_row_without_end_is_refused_before_it_fills_the_memory()
    {
        using var upload = new Upload();
        upload.Add("x.csv", "a,b\n1,\"" + new string('7', 9_000_000) + "\n").Refused("csv", "files", "longer than", """{"label": "a"}""");
        using var names = new Upload();
        names.Add("x.csv", new string(',', 100_001) + "\n").Refused("csv", "files", "more than 100000 columns", """{"label": null}""");
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        using var upload = new Upload();
        upload.Add("x.csv", [(byte)'1', 0xFF, (byte)'\n']).Refused("csv", "files", "UTF-8", """{"label": null}""");
    }
}
