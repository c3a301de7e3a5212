using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Configuration;

/// <summary>Options, validated before anything starts.</summary>
internal static class ConfigurationFeature
{
    public static IServiceCollection AddLabOptions(this IServiceCollection services)
    {
        services.AddOptions<LabOptions>().BindConfiguration(LabOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LabOptions>, LabOptionsValidator>();
        return services;
    }
}

/// <summary>Lists every fault of the options by its key.</summary>
internal sealed class LabOptionsValidator : IValidateOptions<LabOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LabOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var faults = results.Select(r => $"{LabOptions.Section}:{r.MemberNames.First()}: {r.ErrorMessage}").ToList();
        if (options.MaxUnpackedBytes < options.MaxDatasetBytes)
        {
            faults.Add($"{LabOptions.Section}:{nameof(options.MaxUnpackedBytes)}: must not be below {nameof(options.MaxDatasetBytes)}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
