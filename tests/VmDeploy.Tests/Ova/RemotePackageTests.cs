using System.Net;
using System.Security.Cryptography;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Transfer;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Packages on a web server: read by ranges, resumed, and refused when something is not as it was.</summary>
public sealed class RemotePackageTests : IAsyncLifetime
{
    private static readonly byte[] s_raw = DiskImages.Mixed(3 << 20, 1);
    private static readonly OvaBuilder s_package = new() { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(s_raw), s_raw.Length)] };
    private static readonly CancellationToken s_none = CancellationToken.None;

    private PackageServer _server = null!;

    public async Task InitializeAsync() => _server = await PackageServer.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Assert.Empty(Spools());
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task An_address_is_imported_on_vSphere_and_sent_once_for_three_VMs(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var location = _server.Add("vm.ova", s_package.ToOva());
        using var package = await OvaPackage.OpenAsync(location, s_none);
        Assert.Equal("test-vm", package.Name);
        var plan = await host.Session.PlanOvaImportAsync(Request(package, "a", "b", "c"), package, s_none);
        Assert.StartsWith("Import vm.ova as a: ", plan.Describe("a"));
        await host.RunAsync(plan);

        Assert.Empty(host.Failures);
        Assert.Equal(["a", "b", "c"], host.Simulator.Vms.Select(vm => vm.Name).Order());
        Assert.Contains(host.Simulator.Vms, vm => File.ReadAllBytes(vm.Disks[0].LocalPath).AsSpan().SequenceEqual(s_package.Disks[0].Content));
        // The disk came once; the rest are headers, read where they are.
        Assert.InRange(_server.BytesSent, s_package.Disks[0].Content.Length, s_package.Disks[0].Content.Length + (2 << 20));
    }

    [Fact]
    public async Task A_broken_connection_is_resumed_where_it_broke()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var location = _server.Add("vm.ova", s_package.ToOva());
        using var package = await OvaPackage.OpenAsync(location, s_none);
        var plan = await server.Session.PlanOvaImportAsync(new OvaImportRequest(package.Path) { Names = ["a"] }, package, s_none);
        (_server.CutAt, _server.Cuts) = (200_000, 4);
        await server.RunAsync(plan);

        Assert.Empty(server.Failures);
        SimulatedXenServer.AssertHolds(server["a"].Drives[0].LocalPath!, s_raw);
        Assert.Contains(_server.Requests, request => request.Range is { } range && range.StartsWith("bytes=", StringComparison.Ordinal) && int.Parse(range.Split('=', '-')[1]) > 200_000);
    }

    [Fact]
    public async Task A_connection_that_always_breaks_ends_in_one_error_and_nothing_is_left()
    {
        await using var host = await SimulatedHost.StartAsync();
        using var package = await OvaPackage.OpenAsync(_server.Add("vm.ova", s_package.ToOva()), s_none);
        var plan = await host.Session.PlanOvaImportAsync(Request(package, "a"), package, s_none);
        _server.CutAt = 0;
        await host.RunAsync(plan);
        Assert.Equal(ErrorCodes.UriUnreachable, host.Failures["a"].Code);
        Assert.Equal(host.Before, host.Picture());
        Assert.InRange(_server.Requests.Count, 1, 30);
    }

    [Theory]
    [InlineData("etag")]
    [InlineData("shift")]
    [InlineData("no ranges")]
    [InlineData("gone")]
    public async Task A_file_that_is_replaced_during_the_import_is_refused_and_nothing_is_left(string how)
    {
        await using var host = await SimulatedHost.StartAsync();
        using var package = await OvaPackage.OpenAsync(_server.Add("vm.ova", s_package.ToOva()), s_none);
        var plan = await host.Session.PlanOvaImportAsync(Request(package, "a"), package, s_none);
        switch (how)
        {
            case "etag":
                _server.Tag = () => "two";
                break;
            case "shift":
                _server.RangeShift = 1;
                break;
            case "no ranges":
                _server.IgnoresRange = true;
                break;
            default:
                _server.Status = () => 404;
                break;
        }
        await host.RunAsync(plan);
        Assert.Equal(how == "gone" ? ErrorCodes.UriNotFound : ErrorCodes.UriContentChanged, host.Failures["a"].Code);
        Assert.Equal(host.Before, host.Picture());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_without_ranges_goes_through_a_temporary_file_that_leaves_nothing(bool breaksOnce)
    {
        _server.IgnoresRange = true;
        var location = _server.Add("vm.ova", s_package.ToOva());
        if (breaksOnce)
            (_server.CutAt, _server.Cuts) = (1_000_000, 1);
        var progress = new List<OperationProgress>();
        using (var package = await OvaPackage.OpenAsync(location with { Progress = new OnProgress(progress.Add) }, s_none))
        {
            Assert.True((await package.VerifyAsync(new OnProgress(_ => { }), s_none)).IsIntact);
            await AssertDiskAsync(package);
            Assert.Contains(progress, p => p.Activity == "Downloading vm.ova" && p.BytesDone == p.BytesTotal);
        }
        Assert.Empty(Spools());
    }

    [Fact]
    public async Task A_server_without_ranges_and_without_an_end_is_refused_before_the_disk_is_full()
    {
        _server.IgnoresRange = _server.IsEndless = true;
        var location = _server.Add("vm.ova", s_package.ToOva());
        // The temporary folder is not filled for the test: the user stops it.
        using var stop = new CancellationTokenSource();
        var opening = OvaPackage.OpenAsync(location with { Progress = new OnProgress(p => { if (p.BytesDone > 20 << 20) stop.Cancel(); }) }, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.Empty(Spools());
    }

    [Fact]
    public async Task A_silent_server_ends_in_an_error()
    {
        var location = _server.Add("vm.ova", s_package.ToOva());
        _server.IsSilent = true;
        var error = await FailsAsync(location with { Timeout = TimeSpan.FromMilliseconds(200) }, ErrorCodes.UriUnreachable);
        Assert.Contains("did not answer within", error.Message);
    }

    [Fact]
    public async Task The_hash_is_compared_before_anything_else()
    {
        var ova = (s_package with { Manifest = null }).ToOva();
        var location = _server.Add("vm.ova", ova);
        var hash = Convert.ToHexString(SHA256.HashData(ova));
        using (var package = await OvaPackage.OpenAsync(location with { Hash = FileHash.Parse($"sha256:{hash}") }, s_none))
            await AssertDiskAsync(package);
        var error = await FailsAsync(location with { Hash = FileHash.Parse("SHA256:" + new string('0', 64)) }, ErrorCodes.FileHashMismatch);
        Assert.Contains(hash.ToLowerInvariant(), error.Message);

        using var folder = new TempFolder();
        var local = folder.Write("vm.ova", ova);
        using (await OvaPackage.OpenAsync(new PackageLocation(local) { Hash = FileHash.Parse($"SHA-256={hash}") }, s_none))
        {
        }
        await FailsAsync(new PackageLocation(local) { Hash = FileHash.Parse("SHA1:" + new string('0', 40)) }, ErrorCodes.FileHashMismatch);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SHA256")]
    [InlineData("MD5:00000000000000000000000000000000")]
    [InlineData("SHA256:12")]
    [InlineData("SHA256:zz")]
    public void What_is_no_hash_is_refused(string text) =>
        Assert.Equal(ErrorCodes.FileHashInvalid, Assert.Throws<VmDeployException>(() => FileHash.Parse(text)).Code);

    [Fact]
    public async Task Redirects_are_followed_and_the_login_goes_to_no_other_server()
    {
        await using var other = await PackageServer.StartAsync();
        _server.Login = "jo:secret";
        _server.Redirects["/latest"] = "/moved?key=1";
        _server.Redirects["/moved"] = other.Https + "vm.ova";
        other.Add("vm.ova", s_package.ToOva());
        // Only the first server's certificate is pinned, so the other's must be trusted by the system, and is not.
        var location = _server.At(_server.Https + "latest") with { Credential = new NetworkCredential("jo", "secret") };
        var error = await FailsAsync(location, ErrorCodes.CertificateNotTrusted);
        Assert.Equal(ErrorHint.CheckUriCertificate, error.Hint);

        _server.Redirects["/plain"] = other.Http + "vm.ova";
        location = _server.At(_server.Http + "plain") with { Credential = new NetworkCredential("jo", "secret") };
        using (var package = await OvaPackage.OpenAsync(location, s_none))
            await AssertDiskAsync(package);
        Assert.All(_server.Requests, request => Assert.Equal("jo:secret", request.Login));
        Assert.All(other.Requests, request => Assert.Null(request.Login));
    }

    [Fact]
    public async Task Redirects_are_bounded_and_don_t_leave_https()
    {
        _server.Redirects["/round"] = "/round";
        await FailsAsync(_server.At(_server.Https + "round"), ErrorCodes.UriRedirectRefused);
        Assert.InRange(_server.Requests.Count, 2, 20);
        _server.Redirects["/down"] = _server.Http + "vm.ova";
        await FailsAsync(_server.At(_server.Https + "down"), ErrorCodes.UriRedirectRefused);
        _server.Redirects["/file"] = "file:///etc/passwd";
        await FailsAsync(_server.At(_server.Http + "file"), ErrorCodes.UriRedirectRefused);
    }

    [Theory]
    [InlineData(404, "UriNotFound")]
    [InlineData(403, "UriAccessDenied")]
    [InlineData(400, "UriRefused")]
    [InlineData(503, "UriUnreachable")]
    public async Task Refusals_are_told_apart_and_show_no_key(int status, string code)
    {
        _server.Status = () => status;
        var error = await FailsAsync(_server.At(_server.Https + "vm.ova?key=secret"), null);
        Assert.Equal(code, error.Code.Id);
        Assert.DoesNotContain("secret", error.ToString());
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        var answers = 0;
        _server.Status = () => answers++ < 2 ? 503 : null;
        using var package = await OvaPackage.OpenAsync(_server.Add("vm.ova", s_package.ToOva()), s_none);
        await AssertDiskAsync(package);
    }

    [Fact]
    public async Task The_login_is_asked_for()
    {
        _server.Login = "jo:secret";
        var location = _server.Add("vm.ova", s_package.ToOva());
        await FailsAsync(location, ErrorCodes.UriAccessDenied);
        await FailsAsync(location with { Credential = new NetworkCredential("jo", "wrong") }, ErrorCodes.UriAccessDenied);
        using var package = await OvaPackage.OpenAsync(location with { Credential = new NetworkCredential("jo", "secret") }, s_none);
        await AssertDiskAsync(package);
    }

    [Theory]
    [InlineData("https://jo:secret@localhost/vm.ova", "UriInvalid")]
    [InlineData("https://", "UriInvalid")]
    [InlineData("http://[", "UriInvalid")]
    [InlineData("https://localhost:1/vm.ova", "UriUnreachable")]
    public async Task Addresses_that_lead_nowhere_are_refused(string address, string code)
    {
        var error = await FailsAsync(_server.At(address) with { CertificateThumbprint = null }, null);
        Assert.Equal(code, error.Code.Id);
        Assert.DoesNotContain("secret", error.Message);
    }

    [Fact]
    public async Task The_certificate_is_checked()
    {
        var location = _server.Add("vm.ova", s_package.ToOva());
        Assert.Equal(ErrorHint.CheckUriCertificate, (await FailsAsync(location with { CertificateThumbprint = null }, ErrorCodes.CertificateNotTrusted)).Hint);
        await FailsAsync(location with { CertificateThumbprint = new string('0', 64) }, ErrorCodes.CertificateThumbprintMismatch);
    }

    [Fact]
    public async Task The_proxy_is_used()
    {
        using var proxy = new ConnectProxy();
        using var package = await OvaPackage.OpenAsync(_server.Add("vm.ova", s_package.ToOva()) with { Proxy = proxy.Settings() }, s_none);
        await AssertDiskAsync(package);
        Assert.NotEmpty(proxy.Targets);
    }

    [Fact]
    public async Task An_ovf_on_a_server_has_its_files_beside_it()
    {
        foreach (var (name, content) in (s_package with { Name = "two words" }).Entries())
            _server.Add("folder/" + name, content);
        using (var package = await OvaPackage.OpenAsync(_server.At(_server.Https + "folder/two%20words.ovf?key=1"), s_none))
        {
            Assert.True((await package.VerifyAsync(new OnProgress(_ => { }), s_none)).IsIntact);
            await AssertDiskAsync(package);
        }
        _server.Add("folder/bad.ovf", s_package.Entries()[0].Content);
        _server.Add("folder/bad.mf", "SHA256(../vm.ova)= 00"u8.ToArray());
        await FailsAsync(_server.At(_server.Https + "folder/bad.ovf"), ErrorCodes.OvaManifestInvalid);
    }

    [Theory]
    [InlineData("vm.zip")]
    [InlineData("vm.tar.gz")]
    public async Task An_archive_on_a_server_is_read(string name)
    {
        using var folder = new TempFolder();
        var archive = Archives.Pack(folder, name, s_package);
        using var package = await OvaPackage.OpenAsync(_server.Add(name, File.ReadAllBytes(archive)), s_none);
        await AssertDiskAsync(package);
        // A temporary file has no name while it is used.
        Assert.Empty(Spools());
    }

    private static OvaImportRequest Request(OvaPackage package, params string[] names) => new(package.Path)
    {
        Names = names,
        Datacenter = "ha-datacenter",
        Datastore = "datastore1",
        HostName = "localhost.localdomain",
    };

    private static async Task AssertDiskAsync(OvaPackage package)
    {
        using var stream = package.OpenFile(package.Files[0]);
        var content = new MemoryStream();
        await stream.CopyToAsync(content);
        Assert.Equal(s_package.Disks[0].Content, content.ToArray());
    }

    private static async Task<VmDeployException> FailsAsync(PackageLocation location, ErrorCode? code)
    {
        var error = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(location, s_none));
        if (code is not null)
            Assert.Equal(code, error.Code);
        return error;
    }

    private static string[] Spools() => OperatingSystem.IsWindows() ? [] : Directory.GetFiles(Path.GetTempPath(), "vmdeploy-*.spool");
}
