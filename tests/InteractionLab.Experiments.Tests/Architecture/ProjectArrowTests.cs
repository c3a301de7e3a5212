using System.Reflection;
using InteractionLab.Interactions;
using InteractionLab.Models.Masking;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Architecture;

/// <summary>Arrows between projects point one way only: Interactions ← Models ← Experiments ← Server.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<Assembly, string[]> Allowed = new()
    {
        [typeof(Game).Assembly] = [],
        [typeof(MaskedModel).Assembly] = ["InteractionLab.Interactions", "Microsoft.ML.OnnxRuntime", "TorchSharp", "Google.Protobuf", "SkiaSharp", "CsvHelper"],
        [typeof(IExperiment).Assembly] = ["InteractionLab.Interactions", "InteractionLab.Models"],
    };

    private static readonly Dictionary<string, string[]> AllowedProjects = new()
    {
        ["InteractionLab.Interactions"] = [],
        ["InteractionLab.Models"] = ["InteractionLab.Interactions"],
        ["InteractionLab.Experiments"] = ["InteractionLab.Interactions", "InteractionLab.Models"],
        ["InteractionLab.Server"] = ["InteractionLab.Experiments"],
    };

    [Fact]
    public void Assemblies_use_only_what_lies_below_them()
    {
        foreach (var (assembly, allowed) in Allowed)
        {
            var used = assembly.GetReferencedAssemblies().Select(name => name.Name!)
                .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && name is not ("netstandard" or "mscorlib"));
            Assert.Empty(used.Except(allowed));
        }
    }

    [Fact]
    public void Projects_refer_only_to_what_lies_below_them()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).ToArray();
        Assert.Equal(AllowedProjects.Count, projects.Length);
        foreach (var project in projects)
        {
            var references = System.Xml.Linq.XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.Empty(references.Except(AllowedProjects[Path.GetFileNameWithoutExtension(project)]));
        }
    }
}
