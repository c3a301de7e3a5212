using System.Text.Json;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Common;

/// <summary>Reads <see cref="PlayersSpec"/> with every check that needs no dataset; <see cref="PlayerPlan"/> has the others.</summary>
internal static class PlayersReader
{
    private const int LargestSide = 1024;
    private const int MostStopWords = 10_000;

    /// <summary>Reads the field; null where it is wrong.</summary>
    public static PlayersSpec? Read(SpecValue? value, long seed, int most = SpecLimits.MostPlayers)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var spec = fields.Require("type")?.AsEnum<PlayersKind>() switch
        {
            PlayersKind.Grid => ReadGrid(fields, seed, most),
            PlayersKind.Columns => new PlayersSpec { Type = PlayersKind.Columns },
            PlayersKind.Groups => ReadGroups(fields, most),
            PlayersKind.Tokens => ReadTokens(fields, seed, most),
            _ => null,
        };
        if (spec is not null)
        {
            fields.RejectUnknown();
        }

        return spec;
    }

    private static PlayersSpec ReadTokens(SpecObject fields, long seed, int most)
    {
        var select = NumberOrWord.Read(fields.Get("select"), 1, LargestSide, "all");
        var own = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed;
        var stopWords = fields.Get("stopWords") is { } list ? ReadWords(list) : null;
        var pad = fields.Get("pad")?.AsFlag();
        if (pad == true && select?.Number is null && !fields.Has("groups"))
        {
            fields.Fault("pad", "texts are filled up to a number of players: give select");
        }

        if (!fields.Has("groups"))
        {
            CheckCount(fields, "select", select?.Number, most);
            return new PlayersSpec { Type = PlayersKind.Tokens, Select = select ?? NumberOrWord.Of("all"), Seed = select?.Number is null ? null : own, StopWords = stopWords, Pad = pad == true ? true : null };
        }

        foreach (var field in (ReadOnlySpan<string>)["select", "seed", "stopWords", "pad"])
        {
            if (fields.Has(field))
            {
                fields.Fault(field, "the groups say which tokens are players");
            }
        }

        var taken = new HashSet<int>();
        var groups = fields.Require("groups")?.AsList()?.Select(group => ReadCells(group, null, taken) ?? []).ToArray();
        CheckCount(fields, "groups", groups?.Length, most);
        return new PlayersSpec { Type = PlayersKind.Tokens, Groups = groups };
    }

    private static string[]? ReadWords(SpecValue list)
    {
        if (list is { Kind: JsonValueKind.Array } && list.Element.GetArrayLength() > MostStopWords)
        {
            list.Fault($"has {list.Element.GetArrayLength()} words; at most {MostStopWords}");
            return null;
        }

        return list.AsList()?.Select(word => word.AsText()).OfType<string>().ToArray();
    }

    private static PlayersSpec ReadGrid(SpecObject fields, long seed, int most)
    {
        var rows = (int?)fields.Require("rows")?.AsInteger(1, LargestSide);
        var columns = (int?)fields.Require("columns")?.AsInteger(1, LargestSide);
        var select = NumberOrWord.Read(fields.Get("select"), 1, LargestSide * LargestSide, "all");
        var by = ReadChoice(fields);
        var cells = ReadCells(fields.Get("cells"), rows * columns, new HashSet<int>());
        var own = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed;
        var given = fields.Has("cells");
        var all = select?.Word is not null || (select is null && !given && by is null);
        by ??= all ? null : given ? PlayerChoice.List : PlayerChoice.Random;
        CheckChoice(fields, all, by, given, select);
        if (select?.Number > rows * columns)
        {
            fields.Fault("select", $"{select?.Number} cells of a grid that has {rows * columns}");
        }

        CheckCount(fields, by == PlayerChoice.List ? "cells" : "select", all ? rows * columns : by == PlayerChoice.List ? cells?.Length : select?.Number, most);
        return new PlayersSpec
        {
            Type = PlayersKind.Grid,
            Rows = rows,
            Columns = columns,
            Select = all ? NumberOrWord.Of("all") : by == PlayerChoice.List && cells is not null ? NumberOrWord.Of(cells.Length) : select,
            By = all ? null : by,
            Cells = all ? null : cells,
            Seed = !all && by == PlayerChoice.Random ? own : null,
        };
    }

    private static void CheckCount(SpecObject fields, string field, int? players, int most)
    {
        if (players > most)
        {
            fields.Fault(field, SpecLimits.FaultOfPlayers(players.Value, most));
        }
    }

    private static PlayerChoice? ReadChoice(SpecObject fields)
    {
        var by = fields.Get("by")?.AsEnum<PlayerChoice>();
        if (by == PlayerChoice.Attribution && NetworkDevice.Missing(NetworkExecutor.Torch) is { } missing)
        {
            fields.Fault("by", $"attribution needs gradients: {missing}");
        }

        return by;
    }

    private static void CheckChoice(SpecObject fields, bool all, PlayerChoice? by, bool given, NumberOrWord? select)
    {
        if (all && given)
        {
            fields.Fault("cells", "select is \"all\": no cells are listed");
        }
        else if (by == PlayerChoice.List && !given)
        {
            fields.Fault("cells", "by is \"list\": the cells are required");
        }
        else if (by is PlayerChoice.Random or PlayerChoice.Attribution && given)
        {
            fields.Fault("cells", $"by is \"{Word(by)}\": no cells are listed");
        }
        else if (by is PlayerChoice.Random or PlayerChoice.Attribution && select is null && !fields.Has("select"))
        {
            fields.Fault("select", $"by is \"{Word(by)}\": how many cells is required");
        }

        if (by == PlayerChoice.List && given && select?.Number is { } count
            && fields.Get("cells") is { Kind: JsonValueKind.Array } cells && cells.Element.GetArrayLength() != count)
        {
            fields.Fault("select", $"is {count}, but {cells.Element.GetArrayLength()} cells are listed");
        }
    }

    private static string Word(PlayerChoice? by) => by == PlayerChoice.Random ? "random" : "attribution";

    private static PlayersSpec ReadGroups(SpecObject fields, int most)
    {
        var rows = (int?)fields.Get("rows")?.AsInteger(1, LargestSide);
        var columns = (int?)fields.Get("columns")?.AsInteger(1, LargestSide);
        if (fields.Has("rows") != fields.Has("columns"))
        {
            fields.Fault(fields.Has("rows") ? "columns" : "rows", "rows and columns go together");
        }

        var taken = new HashSet<int>();
        var groups = fields.Require("groups")?.AsList()?.Select(group => ReadCells(group, rows * columns, taken) ?? []).ToArray();
        CheckCount(fields, "groups", groups?.Length, most);
        return new PlayersSpec { Type = PlayersKind.Groups, Rows = rows, Columns = columns, Groups = groups };
    }

    /// <summary>Cell numbers, none of them in <paramref name="taken"/>, below <paramref name="bound"/> where it is known.</summary>
    private static int[]? ReadCells(SpecValue? value, int? bound, HashSet<int> taken)
    {
        if (value?.AsList() is not { } items)
        {
            return null;
        }

        var cells = new int[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].AsInteger(0, int.MaxValue) is not { } cell)
            {
                continue;
            }

            cells[i] = (int)cell;
            if (cell >= bound)
            {
                items[i].Fault($"cell {cell} is outside 0..{bound - 1}");
            }
            else if (!taken.Add((int)cell))
            {
                items[i].Fault($"cell {cell} is given twice");
            }
        }

        return cells;
    }
}
