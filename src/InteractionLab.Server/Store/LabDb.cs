using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace InteractionLab.Server.Store;

/// <summary>The store. Its tables are made by <see cref="LabSchema"/>; this maps them.</summary>
internal sealed class LabDb(DbContextOptions<LabDb> options) : DbContext(options)
{
    public DbSet<ModelRow> Models => Set<ModelRow>();

    public DbSet<DatasetRow> Datasets => Set<DatasetRow>();

    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<JobInputRow> JobInputs => Set<JobInputRow>();

    public DbSet<CellRow> Cells => Set<CellRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MillisecondsConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ModelRow>(e =>
        {
            e.ToTable("models").HasKey(r => r.Sequence);
            e.Property(r => r.Sequence).ValueGeneratedOnAdd();
        });
        modelBuilder.Entity<DatasetRow>(e =>
        {
            e.ToTable("datasets").HasKey(r => r.Sequence);
            e.Property(r => r.Sequence).ValueGeneratedOnAdd();
        });
        modelBuilder.Entity<JobRow>(e =>
        {
            e.ToTable("jobs").HasKey(r => r.Sequence);
            e.Property(r => r.Sequence).ValueGeneratedOnAdd();
        });
        modelBuilder.Entity<JobInputRow>().ToTable("job_inputs").HasKey(r => new { r.JobId, r.Type, r.InputId });
        modelBuilder.Entity<CellRow>().ToTable("cells").HasKey(r => new { r.JobId, r.Position });
    }

    /// <summary>Times are whole milliseconds since 1970, UTC: they sort, and survive a round trip exactly.</summary>
    private sealed class MillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
