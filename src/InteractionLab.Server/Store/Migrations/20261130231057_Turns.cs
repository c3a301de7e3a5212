using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace InteractionLab.Server.Store.Migrations
{
    /// <inheritdoc />
    public partial class Turns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Turn",
                table: "jobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "jobs_turn",
                table: "jobs",
                columns: new[] { "Turn", "Sequence" },
                filter: "\"Turn\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "jobs_turn",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "Turn",
                table: "jobs");
        }
    }
}
