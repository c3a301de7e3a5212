using System.Security.Cryptography;
using InteractionLab.Experiments.Common;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Store;

/// <summary>Ids, display names and times. A name never becomes a path; an id is made here only.</summary>
internal static class Names
{
    public const int MaxLength = 200;

    /// <summary>A new id: 16 hexadecimal digits.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Now, in whole milliseconds: what the store gives back is what was first said.</summary>
    public static DateTimeOffset Now(this TimeProvider time) => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>A name made of others, with its middle left out where it is too long: the end says what it is of them.</summary>
    public static string Fit(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        var (head, tail) = (MaxLength / 2, name.Length - (MaxLength / 2) + 1);
        return $"{name[..(char.IsLowSurrogate(name[head]) ? head - 1 : head)]}…{name[(char.IsLowSurrogate(name[tail]) ? tail + 1 : tail)..]}";
    }

    /// <summary>A display name given by a person, trimmed; the fallback where there is none.</summary>
    /// <exception cref="InvalidInputException">It is too long or has characters that are not seen.</exception>
    public static string Clean(string? name, string fallback, string field = "name")
    {
        var trimmed = name?.Trim();
        if (string.IsNullOrEmpty(trimmed))
        {
            trimmed = DisplayNames.WithoutUnseen(fallback).Trim();
            trimmed = trimmed.Length is 0 ? "unnamed" : trimmed[..Math.Min(trimmed.Length, MaxLength)];
        }

        return trimmed.Length > MaxLength ? throw new InvalidInputException(field, $"must have at most {MaxLength} characters")
            : DisplayNames.HasUnseen(trimmed) ? throw new InvalidInputException(field, DisplayNames.Unseen)
            : trimmed;
    }
}
