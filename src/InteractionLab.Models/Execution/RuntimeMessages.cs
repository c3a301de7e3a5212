using System.Text.RegularExpressions;

namespace InteractionLab.Models.Execution;

/// <summary>Makes ONNX Runtime's error texts fit to show: one sentence, without source positions, paths or codes.</summary>
internal static partial class RuntimeMessages
{
    private const int MaxLength = 300;

    public static string Clean(string message)
    {
        var text = Codes().Replace(message, "");
        text = SourcePositions().Replace(text, "");
        text = Paths().Replace(text, "a file");
        text = Nodes().Replace(text, "node '${name}' (${op}):");
        text = Boilerplate().Replace(text, "");
        text = Spaces().Replace(text, " ").Trim(' ', ':', '.', '\n');
        text = string.Concat(text.Select(c => char.IsControl(c) || c == '\uFFFD' ? '?' : c));
        return text.Length > MaxLength ? text[..MaxLength] + "…" : text.Length == 0 ? "ONNX Runtime gave no reason" : text;
    }

    [GeneratedRegex(@"\[ErrorCode:\w+\]")]
    private static partial Regex Codes();

    [GeneratedRegex(@"(/[\w.\-+]+)+/[\w.\-]+\.(cc|h|cpp|cu|hpp):\d+\s+((\w|::|<|>|,|&|\*|~|\s)+\([^)]*\)(\s*const)?(\s*\[[^\]]*\])?)?|\w+\.(cc|h|cpp|cu):\d+( \w+)?")]
    private static partial Regex SourcePositions();

    [GeneratedRegex(@"(?<![\w.])(/[\w.\-+@]+){2,}")]
    private static partial Regex Paths();

    [GeneratedRegex(@"Load model from (memory )?failed:|Fatal error:|This is an invalid model\.|Exception during (initialization|loading):|Type Error:|Error:(?=\s*$)")]
    private static partial Regex Boilerplate();

    /// <summary>The runtime's rendering of a node with the types of all its inputs and outputs.</summary>
    [GeneratedRegex(@"In Node, \(""(?<name>[^""]*)"", (?<op>\w*), ""[^""]*"", -?\d+\) : \(.*?\) -> \(.*?\) ?, ?(Error )?")]
    private static partial Regex Nodes();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
