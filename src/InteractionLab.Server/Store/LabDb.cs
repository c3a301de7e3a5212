using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace InteractionLab.Server.Store;

/// <summary>
/// The store, for any database: what is SQLite's own stands in <see cref="SqliteStore"/>. A change of the model is a new
/// migration in <c>Migrations/</c> (<c>dotnet ef migrations add NAME</c>); one that was released is never edited.
/// </summary>
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
        modelBuilder.Entity<ModelRow>(Map);
        modelBuilder.Entity<DatasetRow>(Map);
        modelBuilder.Entity<JobRow>(Map);
        modelBuilder.Entity<JobInputRow>(Map);
        modelBuilder.Entity<CellRow>(Map);
    }

    private static void Map(EntityTypeBuilder<ModelRow> model)
    {
        model.ToTable("models").HasKey(r => r.Sequence);
        model.Property(r => r.Sequence).ValueGeneratedOnAdd();
        model.HasAlternateKey(r => r.Id);
        model.HasAlternateKey(r => r.Sha256);
    }

    private static void Map(EntityTypeBuilder<DatasetRow> dataset)
    {
        dataset.ToTable("datasets").HasKey(r => r.Sequence);
        dataset.Property(r => r.Sequence).ValueGeneratedOnAdd();
        dataset.HasAlternateKey(r => r.Id);
    }

    private static void Map(EntityTypeBuilder<JobRow> job)
    {
        job.ToTable("jobs", table =>
        {
            table.HasCheckConstraint("jobs_known_state", "\"State\" IN ('queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed')");
            table.HasCheckConstraint("jobs_done", "\"Done\" BETWEEN 0 AND \"Total\"");
            table.HasCheckConstraint("jobs_known_wait", "\"Waits\" IN ('cell', 'end')");
        });
        job.HasKey(r => r.Sequence);
        job.Property(r => r.Sequence).ValueGeneratedOnAdd();
        job.HasAlternateKey(r => r.Id);
        job.HasIndex(r => r.IdempotencyKey).HasDatabaseName("jobs_idempotency_key").IsUnique();
        job.HasIndex(r => new { r.State, r.Sequence }).HasDatabaseName("jobs_state");
        job.HasIndex(r => new { r.Kind, r.Sequence }).HasDatabaseName("jobs_kind");
        job.HasIndex(r => new { r.Turn, r.Sequence }).HasDatabaseName("jobs_turn").HasFilter("\"Turn\" IS NOT NULL");
        job.HasIndex(r => new { r.Parent, r.Role }).HasDatabaseName("jobs_parent").IsUnique().HasFilter("\"Parent\" IS NOT NULL");
        job.HasOne<JobRow>().WithMany().HasForeignKey(r => r.Parent).HasPrincipalKey(r => r.Id).OnDelete(DeleteBehavior.SetNull);
    }

    private static void Map(EntityTypeBuilder<JobInputRow> input)
    {
        input.ToTable("job_inputs").HasKey(r => new { r.JobId, r.Type, r.InputId });
        input.HasIndex(r => new { r.Type, r.InputId }).HasDatabaseName("job_inputs_input");
        input.HasOne<JobRow>().WithMany().HasForeignKey(r => r.JobId).HasPrincipalKey(r => r.Id).OnDelete(DeleteBehavior.Cascade);
    }

    private static void Map(EntityTypeBuilder<CellRow> cell)
    {
        cell.ToTable("cells").HasKey(r => new { r.JobId, r.Position });
        cell.HasAlternateKey(r => new { r.JobId, r.Sequence });
        cell.HasIndex(r => r.Sha256).HasDatabaseName("cells_file");
        cell.HasOne<JobRow>().WithMany().HasForeignKey(r => r.JobId).HasPrincipalKey(r => r.Id).OnDelete(DeleteBehavior.Cascade);
    }

    /// <summary>Times are whole milliseconds since 1970, UTC: they sort, and survive a round trip exactly.</summary>
    private sealed class MillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
