return InteractionLab.Benchmarks.BenchmarkCommand.Run(args);
