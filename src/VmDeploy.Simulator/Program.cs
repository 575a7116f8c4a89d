using System.Runtime.InteropServices;
using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

// Each simulator registers its kinds here.
SimulatorKind[] kinds = [.. EsxiKinds.All, .. XapiKinds.All];

var mode = new CommandLine.Option("--mode", string.Join('|', kinds.Select(k => k.Mode)), $"simulator to start, or several separated by commas (default: {kinds[0].Mode})");
var help = new CommandLine.Option("--help", null, "show this help");
CommandLine.Option[] options = [mode, .. kinds.SelectMany(k => k.Options).DistinctBy(o => o.Name), help];

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var running = new List<IRunningSimulator>();
try
{
    var line = new CommandLine(args, options);
    if (line.Has(help.Name))
    {
        Console.WriteLine("Simulates hypervisors on the loopback interface, to try out and test VmDeploy.");
        foreach (var option in options)
            Console.WriteLine($"  {option.Name + " " + option.Value,-36} {option.Help}");
        return 0;
    }

    foreach (var word in line.Text(mode.Name, kinds[0].Mode).Split(','))
    {
        var kind = kinds.FirstOrDefault(k => k.Mode == word) ?? throw new FormatException($"Mode '{word}' not found. Available: {string.Join(", ", kinds.Select(k => k.Mode).Order(StringComparer.Ordinal))}.");
        running.Add(await kind.StartAsync(line, stop.Token));
        foreach (var text in running[^1].Describe())
            Console.WriteLine(text);
    }
    Console.WriteLine("Press Ctrl+C to stop.");
    stop.Token.WaitHandle.WaitOne();
    return 0;
}
catch (Exception e) when (e is FormatException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
finally
{
    foreach (var simulator in running)
        await simulator.DisposeAsync();
}
