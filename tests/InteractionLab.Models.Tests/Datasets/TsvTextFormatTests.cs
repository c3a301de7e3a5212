using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Testing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Models.Tests.Datasets;

/// <summary>Tables of texts with a vocabulary.</summary>
public sealed class TsvTextFormatTests
{
    private const string Words = "[PAD]\n[UNK]\n[MASK]\na\ngood\nfilm\n";
    private const string Table = "text\tlabel\na good  film \t1\nfilm of\t0\n\t1\n";
    private const string Options = """{"text": "text", "label": "label", "length": 4}""";

    [Fact]
    public void Words_become_ids_and_texts_are_filled_to_one_length()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("t.tsv", Table).Add("vocab.txt", Words).Open("tsv-text", Options);
        var summary = dataset.Summary;
        Assert.Equal(SampleKind.Text, summary.Kind);
        Assert.Equal([4], summary.SampleShape);
        Assert.Equal((3, 2), (summary.Count, summary.Classes));
        Assert.Equal(new TokenVocabulary(6, 0, 1, 2), summary.Vocabulary);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"text":"text","label":"label","vocabulary":"vocab.txt","length":4,"lowerCase":false,"header":true}"""), summary.Options));
        Assert.Equal([3, 4, 5, 0], dataset.Get(0).Values);
        Assert.Equal([5, 1, 0, 0], dataset.Get(1).Values);
        Assert.Equal([0, 0, 0, 0], dataset.Get(2).Values);
        Assert.Equal([1, 0, 1], dataset.Labels!);
        Assert.Equal(["[PAD]", "[UNK]", "[MASK]", "a", "good", "film"], dataset.Words!);
        Assert.Equal(["a", "good", "film"], dataset.TokensOf(dataset.Get(0))!);
        Assert.Equal(["film", "[UNK]"], dataset.TokensOf(dataset.Get(1))!);
        Assert.Empty(dataset.TokensOf(dataset.Get(2))!);
        Assert.Empty(dataset.Mean);
        Assert.Null(dataset.Png(0));
    }

    [Fact]
    public void Cut_texts_and_texts_of_unknown_words_are_counted()
    {
        using var upload = new Upload();
        var options = upload.Add("t.tsv", "text\tlabel\na good film\t1\nof all\t0\nfilm of\t0\n\t1\n").Add("vocab.txt", Words)
            .Import("tsv-text", """{"text": "text", "label": "label", "length": 2}""").Options;
        Assert.Equal((1, 1), (options.GetProperty("cutToLength").GetInt32(), options.GetProperty("onlyUnknownWords").GetInt32()));
    }

    [Theory]
    [InlineData("""{"text": 0, "label": 1, "length": 2}""", "text\tlabel\na good film\t1\n", "3 4")]
    [InlineData("""{"text": 1, "label": 0, "header": false, "length": 3}""", "1\tA Good\n0\tfilm", "1 1 0")]
    [InlineData("""{"text": 1, "label": null, "header": false, "length": 3, "lowerCase": true}""", "1\tA Good\r\n0\tfilm\r\n", "3 4 0")]
    public void Options_say_where_the_text_is_and_how_it_is_read(string options, string table, string expected)
    {
        using var upload = new Upload();
        using var dataset = upload.Add("t.tsv", table).Add("vocab.txt", Words).Open("tsv-text", options);
        Assert.Equal(expected, string.Join(' ', dataset.Get(0).Values));
    }

    [Fact]
    public void Tables_follow_one_another_and_the_vocabulary_may_be_named()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("words.tsv", Words).Add("b.tsv", Table).Add("a.tsv", "label\ttext\n2\tgood").Open("tsv-text", """{"text": "text", "label": "label", "vocabulary": "words.tsv"}""");
        Assert.Equal([1, 0, 1, 2], dataset.Labels!);
        Assert.Equal(4, dataset.Get(3).Values[0]);
        Assert.Equal([48], dataset.Summary.SampleShape);
    }

    [Fact]
    public void Class_names_are_numbered_in_ordinal_order()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("t.tsv", "text\tlabel\na\tpos\nfilm\tneg\n").Add("vocab.txt", Words).Open("tsv-text", Options);
        Assert.Equal(["neg", "pos"], dataset.Summary.ClassNames!);
        Assert.Equal([1, 0], dataset.Labels!);
    }

    [Fact]
    public void Batches_of_text_are_token_ids()
    {
        using var upload = new Upload();
        using var dataset = upload.Add("t.tsv", Table).Add("vocab.txt", Words).Open("tsv-text", Options);
        var batch = new TrainingBatches(dataset, [1, 0], 2, Augmentation.None, 1).InOrder(TestContext.Current.CancellationToken).Single();
        Assert.Equal([5, 1, 0, 0, 3, 4, 5, 0], batch.Tokens!);
        Assert.Equal([0, 1], batch.Labels);
        Assert.Empty(batch.Values);
    }

    [Theory]
    [InlineData("{}", "options.text", "is needed: the name or index (from 0) of the text column")]
    [InlineData("""{"text": null, "label": null}""", "options.text", "must be the name or index (from 0) of a column")]
    [InlineData("""{"text": "text"}""", "options.label", "is needed")]
    [InlineData("""{"text": "words", "label": null}""", "options.text", "names no column; the header has text, label")]
    [InlineData("""{"text": 2, "label": null}""", "options.text", "is column 2; the table has 2 columns")]
    [InlineData("""{"text": "text", "label": "text"}""", "options.label", "is the column of the text")]
    [InlineData("""{"text": "text", "label": "label", "length": 0}""", "options.length", "must be a whole number from 1 to 65536")]
    [InlineData("""{"text": "text", "label": "label", "length": "48"}""", "options.length", "must be a whole number from 1 to 65536")]
    [InlineData("""{"text": "text", "label": "label", "lowerCase": 1}""", "options.lowerCase", "must be true or false")]
    [InlineData("""{"text": "text", "label": "label", "header": false}""", "options.header", "must be true where a column is given by its name")]
    [InlineData("""{"text": "text", "label": "label", "vocabulary": "w"}""", "options.vocabulary", "must be the name of one of the files (t.tsv, vocab.txt)")]
    [InlineData("""{"text": "text", "label": "label", "vocabulary": 3}""", "options.vocabulary", "must be the name of one of the files")]
    [InlineData("""{"text": "text", "label": "label", "mean": 3}""", "options.mean", "is no option of this format")]
    public void Wrong_options_are_refused(string options, string field, string message)
    {
        using var upload = new Upload();
        upload.Add("t.tsv", Table).Add("vocab.txt", Words).Refused("tsv-text", field, message, options);
    }

    [Theory]
    [InlineData("text\tlabel\na\n", Words, "t.tsv: row 2 has 1 cells; 2 were expected")]
    [InlineData("text\tlabel\na\t1\na\tx\n", Words, "t.tsv: row 3, column 'label': 'x'")]
    [InlineData("text\tlabel\n", Words, "t.tsv: it holds a header and no rows")]
    [InlineData("", Words, "t.tsv: it is empty")]
    [InlineData(Table, "", "vocab.txt: it is empty")]
    [InlineData(Table, "the\n[UNK]\n", "vocab.txt: its first line must be [PAD]")]
    [InlineData(Table, "[PAD]\nthe\n", "vocab.txt: it has no line [UNK]")]
    [InlineData(Table, "[PAD]\n[UNK]\n\nthe\n", "vocab.txt: line 2 (from 0) is no word")]
    [InlineData(Table, "[PAD]\n[UNK]\na b\n", "vocab.txt: line 2 (from 0) is no word: 'a b'")]
    [InlineData(Table, "[PAD]\n[UNK]\nthe\nthe\n", "vocab.txt: line 3 (from 0) repeats 'the' of line 2")]
    public void Wrong_files_are_refused(string table, string words, string message)
    {
        using var upload = new Upload();
        upload.Add("t.tsv", table).Add("vocab.txt", words).Refused("tsv-text", "files", message, Options);
    }

    [Fact]
    public void Files_that_are_no_text_are_refused()
    {
        using var upload = new Upload();
        upload.Add("t.tsv", [0x61, 0xC3, 0x28, 0x0A]).Add("vocab.txt", Words).Refused("tsv-text", "files", "t.tsv: it is not UTF-8 text", Options);
        using var longLine = new Upload();
        longLine.Add("t.tsv", new string('a', 70_000)).Add("vocab.txt", Words).Refused("tsv-text", "files", "t.tsv: line 0 (from 0) has more than 65536 characters", Options);
        using var alone = new Upload();
        alone.Add("t.tsv", Table).Refused("tsv-text", "options.vocabulary", "is needed where not exactly one file has a name without .tsv", Options);
        using var only = new Upload();
        only.Add("vocab.txt", Words).Refused("tsv-text", "files", "takes one or more tables and a vocabulary file", Options);
    }

    [Fact]
    public void Mutated_texts_are_read_or_refused()
    {
        var random = new Random(11);
        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            using var upload = new Upload();
            upload.Add("t.tsv", Mutate(Table, random)).Add("vocab.txt", Mutate(Words, random));
            try
            {
                using var dataset = upload.Open("tsv-text", Options);
                Assert.All(dataset.Get(dataset.Summary.Count - 1).Values, id => Assert.InRange(id, 0, dataset.Words!.Count - 1));
            }
            catch (DatasetRejectedException e)
            {
                refused++;
                Assert.NotEmpty(e.Message);
                Assert.Empty(Directory.EnumerateFileSystemEntries(upload.Folder));
            }
        }

        Assert.InRange(refused, 1, 199);
    }

    [Fact]
    public void The_transformer_of_sst2_has_its_published_accuracy()
    {
        var model = SharedData.Path("models", "sst2_transformer.onnx");
        using var upload = new Upload();
        using var dataset = upload.AddFile(SharedData.Path("data", "sst2", "dev.tsv")).AddFile(SharedData.Path("models", "sst2_vocab.txt")).Open("tsv-text", """{"text": "sentence", "label": "label"}""");
        Assert.Equal(872, dataset.Summary.Count);
        using var session = new InferenceSession(model);
        var right = 0;
        foreach (var batch in new TrainingBatches(dataset, [.. Enumerable.Range(0, 872)], 109, Augmentation.None, 0).InOrder(TestContext.Current.CancellationToken))
        {
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("input_ids", new DenseTensor<long>(batch.Tokens!, [batch.Count, 48]))]);
            var logits = results[0].AsTensor<float>();
            right += Enumerable.Range(0, batch.Count).Count(i => (logits[i, 1] > logits[i, 0]) == (batch.Labels[i] == 1));
        }

        Assert.InRange(right / 872.0, 0.7825, 0.7835);
    }

    private static byte[] Mutate(string text, Random random)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        for (var k = random.Next(3); k > 0; k--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
