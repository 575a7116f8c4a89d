using System.Diagnostics;
using System.Management.Automation;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Every cmdlet in the pipeline: -WhatIf, -Confirm, the streams, progress, and an early end.</summary>
public sealed class PipelineTests : IAsyncLifetime
{
    private readonly Engine _engine = Engine.Start();
    private EsxiSimulator _simulator = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name vm-00001, vm-00002, vm-00003 -Datastore datastore1 -ThrottleLimit 1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        Assert.Equal(0, _simulator.OpenSessions);
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Line_ends_of_notes_are_kept()
    {
        var run = await _engine.MustRunAsync("$null = Set-VmInstance vm-00001 -Annotation \"a`r`nb`rc`nd\"; (Get-VmInstance vm-00001).Annotation");
        Assert.Equal("a\r\nb\rc\nd", run.Single<string>());
    }

    [Theory]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Name $secret")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Name new1, $secret")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Annotation @{ a = 1 }")]
    [InlineData("Set-VmInstance vm-00001 -NewName $credential")]
    [InlineData("New-VmSnapshot vm-00001 $secret")]
    [InlineData("Get-VmInstance vm-00001 | New-VmClone -NamePrefix $secret -Count 2")]
    public async Task What_is_no_text_is_refused_where_one_is_wanted(string command)
    {
        _engine["secret"] = Engine.Secret("hidden");
        var refused = await _engine.RunAsync(command);
        Assert.DoesNotContain("hidden", refused.Error("ParameterArgumentTransformationError").Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["vm-00001", "vm-00002", "vm-00003"], _simulator.Vms.Select(vm => vm.Name).Order());
    }

    [Theory]
    [InlineData("Import-VmOva $ova -Name new1 -Datastore datastore1", "new1")]
    [InlineData("New-VmClone (Get-VmInstance)[0] -Name new1", "new1")]
    [InlineData("Get-VmInstance | Start-VmInstance", "vm-00003")]
    [InlineData("Get-VmInstance | Remove-VmInstance -Force", "vm-00003")]
    [InlineData("Send-VmDatastoreFile $ova -Datastore datastore1", "tinyVM.ova")]
    public async Task WhatIf_names_what_it_would_do_and_does_nothing(string script, string name)
    {
        var before = Picture();
        var run = await _engine.MustRunAsync(script + " -WhatIf");
        Assert.Empty(run.Output);
        Assert.Contains("What if:", run.HostText);
        Assert.Contains(name, run.HostText);
        Assert.Equal(before, Picture());
    }

    [Theory]
    [InlineData("Y N Y", 1)]
    [InlineData("A", 0)]
    [InlineData("L", 3)]
    [InlineData("N A", 1)]
    public async Task A_removal_asks_for_each_VM(string answers, int left)
    {
        foreach (var answer in answers.Split(' '))
            _engine.Host.Answers.Enqueue(answer);

        var run = await _engine.MustRunAsync("Get-VmInstance | Remove-VmInstance -Force");

        Assert.Equal(left, _simulator.Vms.Count);
        Assert.Empty(_engine.Host.Answers);
        Assert.Contains("vm-00001", run.HostText);
    }

    [Fact]
    public async Task Confirm_false_asks_nothing_and_Confirm_asks_also_where_it_is_not_usual()
    {
        await _engine.MustRunAsync("Remove-VmInstance vm-00003 -Force -Confirm:$false");
        Assert.Equal(2, _simulator.Vms.Count);

        _engine.Host.Answers.Enqueue("N");
        var run = await _engine.MustRunAsync("Start-VmInstance vm-00001 -Confirm");
        Assert.Empty(run.Output);
        Assert.All(_simulator.Vms, vm => Assert.Equal("poweredOff", vm.PowerState));
    }

    [Fact]
    public async Task Errors_are_caught_by_type_gathered_and_redirected()
    {
        var run = await _engine.MustRunAsync("""
            try { Get-VmInstance nobody -ErrorAction Stop } catch [VmDeploy.VmDeployException] { "caught $($_.Exception.Code.Id)" }
            Get-VmInstance nobody -ErrorVariable failed -ErrorAction SilentlyContinue; "ok: $?, gathered: $($failed.TargetObject)"
            $all = Get-VmInstance nobody, vm-00001 2>&1; "of $($all.Count): $($all.ForEach({ $_.GetType().Name }))"
            """);
        Assert.Equal("caught VmNotFound", run.Values[0]);
        Assert.Equal("ok: False, gathered: nobody", run.Values[1]);
        Assert.StartsWith("of 2:", (string)run.Values[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_take_what_is_asked_for_and_the_password_is_in_none()
    {
        await _engine.MustRunAsync("Disconnect-Esxi");
        var quiet = await _engine.MustRunAsync($"Connect-Esxi {_simulator.Server} $credential -Port {_simulator.HttpsPort} -CertificateThumbprint {_simulator.Thumbprint}; Disconnect-Esxi");
        var loud = await _engine.MustRunAsync($"Connect-Esxi {_simulator.Server} $credential -Port {_simulator.HttpsPort} -CertificateThumbprint {_simulator.Thumbprint} -Verbose -Debug; Get-VmInstance -Debug");
        Assert.Empty(quiet.Verbose);
        Assert.Empty(quiet.Debug);
        Assert.NotEmpty(loud.Verbose);
        Assert.NotEmpty(loud.Debug);
        var said = string.Join("\n", loud.Verbose.Concat(loud.Debug));
        Assert.DoesNotContain(_simulator.Password, said);
        Assert.DoesNotContain("vmware_soap_session", said);
        // The ids of views contain the session's key.
        Assert.DoesNotContain("session[", said);
    }

    [Fact]
    public async Task Progress_bars_have_their_parents_and_end_also_when_an_import_fails()
    {
        _simulator.Faults.FailMethod("ImportVApp", "InvalidState", times: 100);
        var failed = await _engine.RunAsync("Import-VmOva $ova -Name new1 -Datastore datastore1");
        _simulator.Faults.Clear();
        var done = await _engine.MustRunAsync("Import-VmOva $ova -Name new1, new2 -Datastore datastore1");

        Assert.NotEmpty(failed.Errors);
        Assert.NotEmpty(done.Progress);
        foreach (var bar in failed.Progress.Concat(done.Progress).GroupBy(record => record.ActivityId))
            Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType);
        var ids = done.Progress.Select(record => record.ActivityId).ToHashSet();
        Assert.All(done.Progress.Where(record => record.ParentActivityId >= 0), record => Assert.Contains(record.ParentActivityId, ids));
    }

    [Fact]
    public async Task Ctrl_C_during_an_upload_leaves_nothing_behind()
    {
        var before = Picture();
        _simulator.Faults.BytesPerSecond = 500;
        var run = _engine.Begin("Import-VmOva $ova -Name new1 -Datastore datastore1");
        await Shell.UntilAsync(() => _simulator.BytesUploaded > 0, "the upload has begun");

        var clock = Stopwatch.StartNew();
        await run.StopAsync();
        var result = await run.ResultAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"stopped after {clock.Elapsed}");
        Assert.True(result.WasStopped);
        await Shell.UntilAsync(() => Picture() == before, "the host is as before");
    }

    [Fact]
    public async Task Select_first_ends_a_listing_and_a_deployment_that_has_begun_more()
    {
        Assert.Single((await _engine.MustRunAsync("Get-VmInstance | Select-Object -First 1")).Output);

        var run = await _engine.MustRunAsync("Import-VmOva $ova -Name n1, n2, n3, n4 -Datastore datastore1 -ThrottleLimit 1 -UploadEach | Select-Object -First 1");

        var made = run.Single<Vm>();
        Assert.Contains(_simulator.Vms, vm => vm.Name == made.Name);
        // Later ones were not started, or were rolled back.
        Assert.True(_simulator.Vms.Count(vm => vm.Name.StartsWith('n')) < 4);
        Assert.Equal(0, _simulator.OpenLeases);
    }

    [Fact]
    public async Task Sessions_belong_to_their_runspace()
    {
        using (var other = Engine.Start())
        {
            (await other.RunAsync("Get-VmInstance")).Error("NoSession");
            var second = await other.ConnectAsync(_simulator);
            Assert.Equal(2, _simulator.OpenSessions);
            // A session of another runspace works if it is given, but is not a default here.
            _engine["second"] = second;
            Assert.Equal(3, (await _engine.MustRunAsync("Get-VmInstance -Session $second")).Output.Count);
            Assert.Equal(3, (await _engine.MustRunAsync("Get-VmInstance")).Output.Count);
        }
        // A runspace that closes logs out its own sessions, and no others.
        await Shell.UntilAsync(() => _simulator.OpenSessions == 1, "one session is left");
        (await _engine.RunAsync("Get-VmInstance -Session $second")).Error("SessionClosed");
    }

    private string Picture() => string.Join("\n",
        [.. _simulator.Vms.Select(vm => $"{vm.Name} {vm.PowerState}").Order(StringComparer.Ordinal), .. _simulator.DatastoreFiles(), $"{_simulator.OpenLeases} leases"]);
}
