using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using Shell = System.Management.Automation.PowerShell;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>
/// Every parameter of every cmdlet gets every nasty value, as an argument and as a property of a piped object, with all that
/// it needs beside it: the result is an object or an expected error, in bounded time, and -WhatIf changes nothing.
/// <c>VMDEPLOY_FUZZ=100000 dotnet test --filter ParameterFuzz</c> makes that many calls, or all, on each host instead of a sample.
/// </summary>
public abstract class ParameterFuzzTests(ITestOutputHelper log)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly int s_calls = int.TryParse(Environment.GetEnvironmentVariable("VMDEPLOY_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 1500;

    // Only values that are not valid names, which must be refused before they reach a resolver or ssh.
    private static readonly string[] s_addresses = ["Server", "ViaSsh"];

    private protected async Task FuzzAsync(
        Engine engine, Func<Task<VmSession>> connect, Func<IReadOnlyList<string>> look, string server, int port, string otherConnect, string datastore, string iso)
    {
        using var folder = new TempFolder();
        engine.Runspace.SessionStateProxy.Path.SetLocation(folder.Path);
        var commands = (await engine.MustRunAsync("Get-Command -Module VmDeploy")).All<CommandInfo>();
        var closed = (VmSession)engine["session"]!;
        await closed.CloseAsync();
        var session = await connect();
        var vms = (await engine.MustRunAsync("Get-VmInstance")).All<Vm>();
        var cdrom = (await engine.MustRunAsync("Get-VmCdrom (Get-VmInstance)[0]")).Values[0];
        var sane = new Dictionary<string, object>
        {
            ["Server"] = server,
            ["Port"] = port,
            ["Credential"] = engine["credential"]!,
            ["SkipCertificateCheck"] = true,
            ["Vm"] = vms[0],
            ["Cdrom"] = cdrom,
            ["Disk"] = vms[0],
            ["NetworkAdapter"] = vms[0],
            ["SizeGB"] = 20,
            ["Network"] = "VM Network",
            ["Id"] = vms[0].Id,
            ["Path"] = Repository.Path("examples/tinyVM.ova"),
            ["LiteralPath"] = Repository.Path("examples/tinyVM.ova"),
            ["Name"] = "fuzz",
            ["NamePattern"] = "fuzz{0}",
            ["NamePrefix"] = "fuzz",
            ["IsoPath"] = iso,
            ["Datastore"] = datastore,
            ["HostDevice"] = "cdrom0",
            ["Template"] = "alpine-template",
            ["TimeoutSec"] = 1,
            ["For"] = "PoweredOn",
        };
        object?[] values = [.. Values(), closed, vms[0], new Hashtable { ["*"] = vms[0] }];
        var before = look();
        var calls = new List<(CommandInfo Command, Dictionary<string, object> Arguments, string Name, object? Value, bool IsPiped)>();
        foreach (var command in commands.Where(command => command.Name != otherConnect && !command.Name.StartsWith("Disconnect", StringComparison.Ordinal)))
        {
            foreach (var parameter in command.Parameters.Values.Where(one => !PSCmdlet.CommonParameters.Contains(one.Name) && one.Name is not ("WhatIf" or "Confirm")))
            {
                // The first set that has it, with that set's required parameters.
                var set = command.ParameterSets.First(one => one.Parameters.Any(p => p.Name == parameter.Name));
                var arguments = set.Parameters
                    .Where(one => one.Name != parameter.Name && sane.ContainsKey(one.Name) && (one.IsMandatory || one.Name is "Datastore" or "TimeoutSec" or "For" or "Port" or "SkipCertificateCheck" or "NamePrefix"))
                    .ToDictionary(one => one.Name, one => sane[one.Name]);
                if (command.Parameters.ContainsKey("WhatIf"))
                    arguments["WhatIf"] = true;
                var isAddress = s_addresses.Contains(parameter.Name);
                calls.AddRange(values.Where(value => !isAddress || value is null or "" or " " or "web[1" or "a\0b" or string { Length: > 1000 })
                    .Select(value => (command, arguments, parameter.Name, value, false)));
                if (!isAddress && set.Parameters.Single(one => one.Name == parameter.Name).ValueFromPipelineByPropertyName)
                    calls.AddRange(FileValues().Select(value => (command, arguments, parameter.Aliases.FirstOrDefault() ?? parameter.Name, value, true)));
            }
        }
        var chosen = calls.ToArray();
        new Random(1).Shuffle(chosen);
        var wrong = new List<string>();
        foreach (var (command, arguments, name, value, isPiped) in chosen.Take(s_calls))
        {
            if (!session.IsOpen)
                session = await connect();
            using var shell = Shell.Create(engine.Runspace);
            shell.AddCommand(command).AddParameters(arguments);
            if (isPiped)
            {
                var piped = new PSObject();
                piped.Properties.Add(new PSNoteProperty(name, value));
                await RunAsync(shell, piped, $"@{{ {name} = {Show(value)} }} | {command.Name}");
            }
            else
            {
                await RunAsync(shell.AddParameter(name, value), null, $"{command.Name} -{name} {Show(value)}");
            }
        }
        var count = Math.Min(s_calls, calls.Count);
        log.WriteLine($"{count} of {calls.Count} calls");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} calls:\n{string.Join("\n", wrong.GroupBy(one => one.Split(": ", 2)[1]).SelectMany(group => group.Take(2)).Take(80))}");
        Assert.Equal(before, look());

        async Task RunAsync(Shell shell, PSObject? piped, string what)
        {
            var input = new PSDataCollection<PSObject>();
            if (piped is not null)
                input.Add(piped);
            input.Complete();
            ErrorRecord? fatal = null;
            var running = shell.InvokeAsync(input);
            if (await Task.WhenAny(running, Task.Delay(s_patience)) != running)
            {
                wrong.Add($"{what}: still runs after {s_patience.TotalSeconds:N0} s");
                shell.Stop();
            }
            try
            {
                await running;
            }
            catch (RuntimeException e)
            {
                fatal = e.ErrorRecord;
            }
            foreach (var error in shell.Streams.Error.Append(fatal).OfType<ErrorRecord>().Where(error => !IsForeseen(error)))
                wrong.Add($"{what}: {EngineResult.Describe(error)} ({error.Exception.GetType()})");
        }
    }

    /// <summary>Without -WhatIf the text would reach the wire.</summary>
    private protected static async Task RefusesWhatXmlCannotCarryAsync(Engine engine, Func<IReadOnlyList<string>> look, string make)
    {
        var before = look();
        foreach (var bad in new[] { "a\0b", "a\ud800b", "a\uFFFEb" })
        {
            engine["bad"] = bad;
            (await engine.RunAsync($"{make} -Name $bad")).Error("NameInvalid");
            (await engine.RunAsync($"{make} -Name fine -Annotation $bad")).Error("ValueRefused");
        }
        Assert.Equal(before, look());
    }

    // An error of the module with its own id, or the engine's refusal of an argument that doesn't fit.
    private static bool IsForeseen(ErrorRecord error) => error.Exception switch
    {
        VmDeployException ours => ours.Code != ErrorCodes.UnexpectedFailure,
        ParameterBindingException or ParentContainsErrorRecordException => !error.Exception.Message.Contains("Object reference", StringComparison.Ordinal),
        // The fixture's host doesn't answer the engine's own prompts for a password or a missing argument.
        _ => error.Exception is HostException or PipelineStoppedException || error.Exception.InnerException is HostException,
    };

    // What a JSON or CSV file can hold.
    private static IEnumerable<object?> FileValues() =>
    [
        null, "", " ", "web[1", "*", "-1", "Thin,Thick", "\u001b[31m", new string('x', 5000), 0L, -1L, 2.5, long.MaxValue, true,
        Array.Empty<object>(), new object?[] { "a", null }, new PSObject(),
    ];

    private static IEnumerable<object?> Values() =>
    [
        .. FileValues(),
        "[", "[] x", "`", "'", "\"", "..", "/", "a/b", "{9}", "a\0b", "\ud800", "\uFFFE", "\r\n", "é😀", "0", "nowhere", "version: 2",
        0, -1, 1, int.MaxValue, int.MinValue, double.NaN, double.PositiveInfinity,
        new object?[] { null }, new object?[] { new object[] { "a" } }, Enumerable.Repeat("x", 2000).ToArray(),
        new Hashtable(), new Hashtable { ["a"] = null }, new Hashtable { [""] = "" }, new Hashtable { ["*"] = "VM Network" }, new Hashtable { [1] = new object?[] { null } }, new Hashtable { ["a"] = Engine.Secret("s") },
        Engine.Secret("s"), Engine.Credential("a", "b"), DateTime.MaxValue, ScriptBlock.Create("throw 1"), new object(), DBNull.Value,
    ];

    private static string Show(object? value) => value switch
    {
        null => "$null",
        string { Length: > 100 } text => $"'{text[..10]}...' ({text.Length})",
        string text => System.Text.Json.JsonSerializer.Serialize(text),
        Hashtable map => $"@{{{string.Join("; ", map.Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={Show(entry.Value)}"))}}}",
        Array list => $"@({string.Join(", ", list.Cast<object?>().Take(4).Select(Show))}) ({list.Length})",
        _ => $"[{value.GetType().Name}] {value}",
    };
}

/// <summary>On an ESXi host.</summary>
public sealed class ParameterFuzzOnEsxi(ITestOutputHelper log) : ParameterFuzzTests(log)
{
    [Fact]
    public async Task No_input_ends_in_an_unexpected_failure_on_an_ESXi_host()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        var session = await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync($"Import-VmOva $ova -Name vm-00001, vm-00002 -Datastore datastore1 -ThrottleLimit 1; Send-VmDatastoreFile '{Repository.Path("examples/tiny.iso")}' datastore1 iso/; $cdrom = Add-VmCdrom vm-00001; Start-VmInstance vm-00001");
        await FuzzAsync(engine, () => engine.ConnectAsync(simulator),
            () => [.. simulator.Vms.Select(vm => $"{vm.Name} {vm.PowerState} {vm.Cdroms.Count}"), .. simulator.DatastoreFiles(), $"{simulator.OpenLeases} leases"],
            session.Server, simulator.HttpsPort, "Connect-Xapi", "datastore1", "[datastore1] iso/tiny.iso");
    }

    [Fact]
    public async Task Text_that_XML_cannot_carry_is_refused()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await RefusesWhatXmlCannotCarryAsync(engine, () => [.. simulator.Vms.Select(vm => vm.Name), .. simulator.DatastoreFiles()], "Import-VmOva $ova -Datastore datastore1");
    }
}

/// <summary>On a XenServer.</summary>
public sealed class ParameterFuzzOnXenServer(ITestOutputHelper log) : ParameterFuzzTests(log)
{
    [Fact]
    public async Task No_input_ends_in_an_unexpected_failure_on_a_XenServer()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 2 });
        using var engine = Engine.Start();
        simulator.AddIso("tiny.iso", new byte[65536]);
        var session = await engine.ConnectAsync(simulator);
        await engine.MustRunAsync("$cdrom = Add-VmCdrom (Get-VmInstance)[0].Name; $null = Start-VmInstance (Get-VmInstance)[0].Name");
        await FuzzAsync(engine, () => engine.ConnectAsync(simulator), () => simulator.Inventory(),
            session.Server, simulator.HttpsPort, "Connect-Esxi", "Local storage", "tiny.iso");
    }

    [Fact]
    public async Task Text_that_XML_cannot_carry_is_refused()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await RefusesWhatXmlCannotCarryAsync(engine, () => simulator.Inventory(), "Import-VmOva $ova");
    }
}
