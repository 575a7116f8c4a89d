using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

// Each part of the simulator adds its kinds here.
SimulatorKind[] kinds = [.. EsxiKinds.All, .. XapiKinds.All];

var mode = new CommandLine.Option("--mode", string.Join('|', kinds.Select(k => k.Mode)), $"what to start ({kinds[0].Mode}); several with commas");
var help = new CommandLine.Option("--help", null, "this text");
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
        Console.WriteLine("A hypervisor on loopback, for trying VmDeploy and for its tests.");
        foreach (var option in options)
            Console.WriteLine($"  {option.Name + " " + option.Value,-36} {option.Help}");
        return 0;
    }

    foreach (var word in line.Text(mode.Name, kinds[0].Mode).Split(','))
    {
        var kind = kinds.FirstOrDefault(k => k.Mode == word) ?? throw new FormatException($"Unknown mode '{word}'; there are {mode.Value}.");
        running.Add(await kind.StartAsync(line, stop.Token));
        foreach (var text in running[^1].Describe())
            Console.WriteLine(text);
    }
    Console.WriteLine("Ctrl+C stops.");
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
