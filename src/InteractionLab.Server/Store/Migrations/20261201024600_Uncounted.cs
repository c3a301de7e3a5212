using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace InteractionLab.Server.Store.Migrations
{
    /// <inheritdoc />
    public partial class Uncounted : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Uncounted",
                table: "jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            // Trainings of before have the untrained network as their first cell, as those of now.
            migrationBuilder.Sql("UPDATE jobs SET Uncounted = 1 WHERE Kind = 'training'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Uncounted",
                table: "jobs");
        }
    }
}
