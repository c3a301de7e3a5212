var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.WebHost.UseStaticWebAssets();
var app = builder.Build();
app.UseStaticFiles();
app.MapGet("/alive", () => "alive");
app.Run();
