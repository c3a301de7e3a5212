namespace InteractionLab.Server.Datasets;

/// <summary>Datasets: upload, list, samples, delete.</summary>
internal static partial class DatasetsFeature
{
    public static IServiceCollection AddDatasets(this IServiceCollection services) =>
        services.AddSingleton<DatasetCache>().AddSingleton<DatasetService>();
}
