namespace InteractionLab.Models.Masking;

/// <summary>How mask bits become the masked input. Both give the network the same numbers.</summary>
internal enum MaskForm
{
    /// <summary>Each cell looks up its bit, and a Where chooses: for any number of players.</summary>
    Select,

    /// <summary>
    /// One matrix product of the masks with a table that has a line for each player's cells: several times faster on a CPU
    /// while players are few, since it writes the batch once and on all threads.
    /// </summary>
    Product,
}
