using InteractionLab.Server;

return await LabApplication.RunAsync(args);
