using System.Collections;
using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Completion from what the host has.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Engine _engine = Engine.Start();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public async Task Guest_ids_and_ISOs_come_from_the_host()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        await _engine.MustRunAsync("Send-VmDatastoreFile $iso datastore1 iso/; Send-VmDatastoreFile $iso datastore1 iso/old/older.iso");
        Assert.Contains("ubuntu64Guest", await CompleteAsync("New-VmFromIso -GuestId ubuntu"));
        Assert.Equal(["'[datastore1] iso/tiny.iso'"], await CompleteAsync("New-VmFromIso -IsoPath tiny"));
        Assert.Equal(["'[datastore1] iso/old/'", "'[datastore1] iso/tiny.iso'"], (await CompleteAsync("Add-VmCdrom web1 -IsoPath '[datastore1] iso/")).Order());
        Assert.Equal(["'[datastore1] iso/old/older.iso'"], await CompleteAsync("Set-VmCdrom web1 -IsoPath '[datastore1] iso/old/"));
    }

    [Fact]
    public async Task Folders_and_pools_are_those_of_the_chosen_datacenter()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        await _engine.ConnectAsync(simulator);
        var center = (await CompleteAsync("Import-VmOva x.ova -Datacenter "))[0];
        Assert.NotEmpty(await CompleteAsync($"Import-VmOva x.ova -Datacenter {center} -ResourcePool "));
        Assert.Equal(await CompleteAsync("Import-VmOva x.ova -Folder "), await CompleteAsync($"Import-VmOva x.ova -Datacenter {center} -Folder "));
        Assert.DoesNotContain("Resources", await CompleteAsync("Import-VmOva x.ova -Datacenter none -ResourcePool "));
        Assert.Single(await CompleteAsync($"Import-VmOva x.ova -Datacenter {center} -Datastore "));
        Assert.Empty(await CompleteAsync("Import-VmOva x.ova -Datacenter none -Datastore "));
        Assert.DoesNotContain("'VM Network'", await CompleteAsync("New-VmFromIso -Datacenter none -Network "));
        var clusters = (await CompleteAsync("New-VmFromIso -HostName ")).Except(await CompleteAsync("Get-VmHypervisor ")).ToList();
        Assert.Equal(["cluster1"], clusters);
        Assert.Equal([simulator.Server], await CompleteAsync("Get-VmSession "));
    }

    [Fact]
    public async Task ISOs_of_XenServer_are_those_of_its_repositories()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        var isos = await CompleteAsync("New-VmFromIso -IsoPath ");
        Assert.Contains(isos, iso => iso.StartsWith("'[", StringComparison.Ordinal) && iso.EndsWith(".iso'", StringComparison.Ordinal));
        Assert.DoesNotContain("otherGuest64", await CompleteAsync("New-VmFromIso -GuestId other"));
    }

    [Fact]
    public async Task Ids_of_VMs_are_found_by_name_and_labels_by_VM()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 | Add-VmCdrom; Import-VmOva $ova -Name 'my [a] vm' -Datastore datastore1");
        Assert.Single(await CompleteAsync("Start-VmInstance 'my ["));
        var id = (await _engine.MustRunAsync("Get-VmInstance web1")).Single<Vm>().Id;
        Assert.Equal([id], await CompleteAsync("Get-VmInstance -Id web"));
        Assert.Equal(["'CD/DVD drive 1'"], await CompleteAsync("Set-VmCdrom web1 -Label C"));
        // Each name once, and nothing that a line editor can't read.
        Assert.All(["Stop-VmInstance w", "Stop-VmInstance -Name w", "Get-VmDisk w", "Add-VmCdrom w", "Set-VmInstance w", "Set-VmDisk w", "New-VmSnapshot w"],
            line => Assert.Equal(["web1"], CompleteAsync(line).GetAwaiter().GetResult()));
    }

    [Theory]
    [InlineData("Set-VmInstance web1 -MemoryMB 4GB", ", in MB")]
    [InlineData("New-VmFromIso -MemoryMB 1", "from 4 to 25165824, in MB")]
    public async Task A_value_out_of_range_is_told_with_its_unit(string line, string words)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        Assert.Contains(words, Assert.Single((await _engine.RunAsync(line)).Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_on_datastores_begin_with_the_datastore()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        await _engine.MustRunAsync("Send-VmDatastoreFile $iso datastore1 iso/");
        Assert.Contains("'[datastore1] '", await CompleteAsync("Get-VmDatastoreFile "));
        Assert.Equal(["'[datastore1] '"], await CompleteAsync("Receive-VmDatastoreFile datastore1"));
        Assert.Contains("'[datastore1] '", await CompleteAsync("Remove-VmDatastoreFile \"["));
        Assert.Equal(["'[datastore1] iso/'"], await CompleteAsync("Get-VmDatastoreFile '[datastore1] i"));
        Assert.Equal(["'[datastore1] iso/tiny.iso'"], await CompleteAsync("Remove-VmDatastoreFile '[datastore1] iso/"));
        Assert.Equal(["'[datastore1] iso/tiny.iso'"], await CompleteAsync("Send-VmDatastoreFile x.iso -Destination '[datastore1] iso/t"));
    }

    [Fact]
    public async Task Hosts_are_those_of_the_chosen_datacenter_and_a_name_is_offered_once()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        await _engine.ConnectAsync(simulator);
        var all = await CompleteAsync("Import-VmOva x.ova -HostName ");
        var center = await CompleteAsync("Import-VmOva x.ova -Datacenter ha-datacenter -HostName ");
        var branch = await CompleteAsync("Import-VmOva x.ova -Datacenter branch -HostName ");
        Assert.NotEmpty(center);
        Assert.NotEmpty(branch);
        Assert.Equal(all.Order(), center.Concat(branch).Order());
        Assert.Single(await CompleteAsync("Import-VmOva -Network "), "'VM Network'");
    }

    [Fact]
    public async Task A_VM_that_is_being_created_is_not_offered()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions());
        await _engine.ConnectAsync(simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("$vm = Import-VmOva $ova -Name z1 -Datastore 'Local storage'; Import-VmOva $ova -Name z2 -Datastore 'Local storage'; Set-VmInstance $vm -NewName 'z1 (being created, 8a4958d5)'");
        Assert.Equal(["z2"], await CompleteAsync("Start-VmInstance z"));
    }

    [Fact]
    public async Task What_is_found_too_late_serves_the_next_completion_of_the_line()
    {
        SlowCompleter.Reset();
        _engine["completer"] = new SlowCompleter();
        const string complete = "[System.Management.Automation.IArgumentCompleter]$completer | ForEach-Object { $_.CompleteArgument('x', 'p', 'a', { x a }.Ast.EndBlock.Statements[0].PipelineElements[0], @{}) } | ForEach-Object CompletionText";
        Assert.Empty((await _engine.MustRunAsync(complete)).Output);
        SlowCompleter.Answer.SetResult([new Completion("abc"), new Completion("abc"), new Completion("b")]);
        Assert.Equal("abc", (await _engine.MustRunAsync(complete)).Single<string>());
        Assert.Equal(1, SlowCompleter.Searches);
    }

    private sealed class SlowCompleter : Completer
    {
        public static TaskCompletionSource<IEnumerable<Completion>> Answer { get; private set; } = new();
        public static int Searches { get; private set; }

        public static void Reset() => (Answer, Searches) = (new(TaskCreationOptions.RunContinuationsAsynchronously), 0);

        internal override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
        {
            Searches++;
            return _ => Answer.Task;
        }
    }

    // What takes longer than a second completes to nothing, and a busy machine may.
    private async Task<IReadOnlyList<string>> CompleteAsync(string line)
    {
        _engine["line"] = line;
        for (var attempt = 1; ; attempt++)
        {
            var run = await _engine.MustRunAsync("[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches | ForEach-Object CompletionText");
            var found = run.Values.Select(value => value?.ToString() ?? "").ToList();
            if (found.Count > 0 || attempt == 5)
                return found;
        }
    }
}
