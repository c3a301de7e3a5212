namespace InteractionLab.Server.Models;

/// <summary>Models: upload, list, show, download, delete.</summary>
internal static partial class ModelsFeature
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelService>();
}
