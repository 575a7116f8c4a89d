using System.Net;
using System.Security.Cryptography;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Transfer;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Transfer;
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
        Assert.Empty(Spools.Open(_server.SpoolFolder));
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

    [Fact]
    public async Task A_web_server_that_falls_silent_is_not_taken_for_a_dead_host()
    {
        await using var server = await SimulatedXenServer.StartAsync(timeout: TimeSpan.FromSeconds(3));
        var location = _server.Add("vm.ova", s_package.ToOva()) with { Timeout = TimeSpan.FromSeconds(5), Retries = new(2, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)) };
        using var package = await OvaPackage.OpenAsync(location, s_none);
        var plan = await server.Session.PlanOvaImportAsync(new OvaImportRequest(package.Path) { Names = ["a"] }, package, s_none);
        _server.SilentBehind = 100_000;
        await server.RunAsync(plan);
        Assert.Equal(ErrorCodes.UriUnreachable, server.Failures["a"].Code);
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
            if (OperatingSystem.IsLinux())
                Assert.NotEmpty(Spools.Open(_server.SpoolFolder));
        }
        Assert.Empty(Spools.Open(_server.SpoolFolder));
    }

    [Fact]
    public async Task A_server_without_ranges_and_without_an_end_is_refused_before_the_disk_is_full()
    {
        _server.IgnoresRange = _server.IsEndless = true;
        var location = _server.Add("vm.ova", s_package.ToOva());
        // Each look finds less free space; the first ones are enough.
        var (free, looks) = (340L << 20, 0);
        var error = await FailsAsync(location with { FreeSpace = _ => free - (50L << 20) * ++looks }, ErrorCodes.SpoolFailed);
        Assert.Contains("are free in", error.Message);
        Assert.Equal(2, looks);
        Assert.Empty(Spools.Open(_server.SpoolFolder));
    }

    [Fact]
    public async Task A_download_that_does_not_fit_is_refused_before_its_first_byte()
    {
        _server.IgnoresRange = true;
        var error = await FailsAsync(_server.Add("vm.ova", s_package.ToOva()) with { FreeSpace = _ => 100 << 20 }, ErrorCodes.SpoolFailed);
        Assert.Contains("100 MB are free in", error.Message);
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
    [InlineData("https://jo:secret@localhost:99999/vm.ova", "UriInvalid")]
    [InlineData("https://jo:se/secret@local host/vm.ova", "UriInvalid")]
    [InlineData("https://jo:se?secret@localhost:99999/vm.ova", "UriInvalid")]
    [InlineData("https://", "UriInvalid")]
    [InlineData("http://[", "UriInvalid")]
    [InlineData("https://localhost:1/vm.ova", "UriUnreachable")]
    public async Task Addresses_that_lead_nowhere_are_refused(string address, string code)
    {
        var error = await FailsAsync(_server.At(address) with { CertificateThumbprint = null }, null);
        Assert.Equal(code, error.Code.Id);
        Assert.DoesNotContain("secret", error.Message);
        Assert.DoesNotContain("secret", error.Target?.ToString() ?? "");
        Assert.DoesNotContain("secret", new PackageLocation(address).ToString());
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

    [Fact]
    public async Task A_storage_that_denies_what_it_does_not_have_serves_packages_without_a_manifest()
    {
        _server.MissingStatus = 403;
        _server.Add("vm.ovf", s_package.Entries()[0].Content);
        _server.Add("disk1.vmdk", s_package.Disks[0].Content);
        var warnings = new List<string>();
        using (var package = await OvaPackage.OpenAsync(_server.At(_server.Https + "vm.ovf") with { Warn = warnings.Add }, s_none))
            await AssertDiskAsync(package);
        Assert.Contains("without a manifest", Assert.Single(warnings));

        // What the descriptor refers to must be there.
        _server.Add("bad.ovf", (s_package with { Disks = [s_package.Disks[0] with { FileName = "gone.vmdk" }] }).Entries()[0].Content);
        await FailsAsync(_server.At(_server.Https + "bad.ovf"), ErrorCodes.UriAccessDenied);
    }

    [Fact]
    public async Task A_redirector_to_changing_mirrors_is_asked_once_and_again_when_its_mirror_is_gone()
    {
        await using var first = await PackageServer.StartAsync();
        await using var second = await PackageServer.StartAsync();
        first.Add("vm.ova", s_package.ToOva());
        second.Add("vm.ova", s_package.ToOva());
        first.Tag = () => "first";
        second.Tag = () => "second";
        var asked = 0;
        _server.RedirectTo = path => path == "/vm.ova" ? (asked++ % 2 == 0 ? first : second).Http + "vm.ova" : null;
        using var package = await OvaPackage.OpenAsync(_server.At(_server.Http + "vm.ova"), s_none);
        await AssertDiskAsync(package);
        Assert.Equal(1, asked);

        first.Status = () => 404;
        var error = await Assert.ThrowsAsync<VmDeployException>(() => AssertDiskAsync(package));
        Assert.Equal(ErrorCodes.UriContentChanged, error.Code);
        Assert.Contains(new Uri(second.Http).Authority, error.Message);
        second.Tag = () => "first";
        await AssertDiskAsync(package);
    }

    [Fact]
    public async Task A_weak_tag_that_differs_shows_that_the_file_was_replaced()
    {
        _server.WeakTags = true;
        using var package = await OvaPackage.OpenAsync(_server.Add("vm.ova", s_package.ToOva()), s_none);
        await AssertDiskAsync(package);
        _server.Tag = () => "two";
        var error = await Assert.ThrowsAsync<VmDeployException>(() => AssertDiskAsync(package));
        Assert.Equal(ErrorCodes.UriContentChanged, error.Code);
    }

    [Fact]
    public async Task An_empty_file_is_said_to_be_empty()
    {
        var error = await FailsAsync(_server.Add("vm.ova", []), ErrorCodes.OvaUnreadable);
        Assert.Contains("is empty", error.Message);
    }

    [Fact]
    public async Task A_link_that_breaks_often_is_resumed_as_long_as_much_comes_between()
    {
        var large = new byte[60 << 20];
        new Random(4).NextBytes(large);
        var location = _server.Add("large.bin", large);
        (_server.CutAt, _server.Cuts) = (400_000, 99);
        using var file = await RemoteFile.OpenAsync(location, s_none);
        using var store = new RemoteStore(file);
        using var stream = store.OpenAt(0, null, s_none);
        var content = new MemoryStream();
        await stream.CopyToAsync(content);
        Assert.True(large.AsSpan().SequenceEqual(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }

    [Theory]
    [InlineData("vm.zip")]
    [InlineData("files.7z")]
    [InlineData("vm.tar.gz")]
    [InlineData("vm.tar.xz")]
    [InlineData("vm.ova.xz")]
    [InlineData("vm.tar.bz2")]
    [InlineData("vm.tar.zst")]
    public async Task An_archive_on_a_server_is_read(string name)
    {
        using var folder = new TempFolder();
        var archive = Archives.Pack(folder, name, s_package);
        using var package = await OvaPackage.OpenAsync(_server.Add(name, File.ReadAllBytes(archive)), s_none);
        await AssertDiskAsync(package);
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

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task An_address_where_nothing_listens_is_not_tried_again(string scheme)
    {
        using var closed = new ClosedPort();
        var attempts = 0;

        var failure = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(
            new PackageLocation($"{scheme}://127.0.0.1:{closed.Number}/a.ova") { WrapHandler = inner => new Counted(inner, () => attempts++) }, s_none));

        Assert.Equal((ErrorCodes.UriUnreachable, 1), (failure.Code, attempts));
    }

    private sealed class Counted(HttpMessageHandler inner, Action count) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
