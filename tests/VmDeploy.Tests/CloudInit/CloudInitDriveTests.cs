using System.Text;
using System.Text.Json;
using VmDeploy.CloudInit;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.CloudInit;

public class CloudInitDriveTests
{
    private const string Uuid = "5f1c7f5a-3f57-4b0e-9f0b-0a1f1d3d1c11";

    private static readonly CloudInitData s_config = new()
    {
        UserData = "#cloud-config\nhostname: wörld\n",
        NetworkConfig = "version: 2\nethernets: {}\n",
    };

    [SkippableFact]
    public async Task Blkid_finds_the_label_in_the_root_folder()
    {
        using var folder = new TempFolder();
        var image = Drive(folder, s_config);
        var found = await Shell.RunAsync(Requires.Tool("blkid"), "-p", "-o", "export", image);
        Assert.Contains("LABEL=cidata\n", found, StringComparison.Ordinal);
        Assert.Contains("TYPE=vfat\n", found, StringComparison.Ordinal);
        Assert.Contains("LABEL_FATBOOT=cidata\n", found, StringComparison.Ordinal);
        Assert.DoesNotContain("PTTYPE", found, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Fsck_finds_nothing_to_mend()
    {
        using var folder = new TempFolder();
        var (exitCode, output, error) = await Shell.TryAsync(Requires.Tool("fsck.fat"), "-n", "-v", Drive(folder, s_config));
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("4 files", output, StringComparison.Ordinal);   // three files and the label
    }

    [SkippableFact]
    public async Task The_files_read_back_under_their_long_names()
    {
        using var folder = new TempFolder();
        var large = new CloudInitData { UserData = "#!/bin/sh\n" + new string('x', 1_000_000), NetworkConfig = "" };
        foreach (var config in new[] { s_config, large })
        {
            var image = Drive(folder, config);
            Assert.Equal(config.UserData, await TypeAsync(image, "user-data"));
            Assert.Equal(config.NetworkConfig, await TypeAsync(image, "network-config"));
            Assert.Equal($"instance-id: \"{Uuid}\"\nlocal-hostname: \"web1\"\n", await TypeAsync(image, "meta-data"));
        }

        static Task<string> TypeAsync(string image, string file) => Shell.RunAsync(Requires.Tool("mtype"), "-i", image, "::" + file);
    }

    [SkippableFact]
    public async Task The_drive_mounts()
    {
        using var folder = new TempFolder();
        var image = Drive(folder, s_config);
        var mountPoint = Directory.CreateDirectory(folder["mnt"]).FullName;
        var (exitCode, _, _) = await Shell.TryAsync(Requires.Tool("mount"), "-o", "loop,ro", image, mountPoint);
        Requires.Allowed(exitCode == 0, "a loop mount", "run the tests as root on a machine with loop devices");
        try
        {
            Assert.Equal(s_config.UserData, File.ReadAllText(Path.Combine(mountPoint, "user-data")));
        }
        finally
        {
            await Shell.RunAsync(Requires.Tool("umount"), mountPoint);
        }
    }

    // cloud-init's own code decides; only finding and mounting the drive is replaced, by blkid and mtools on the image.
    private const string NoCloudScript = """
        import json, os, subprocess, sys, tempfile
        from cloudinit import helpers, util
        from cloudinit.sources import DataSourceNoCloud as nocloud

        image, work = sys.argv[1:]

        def find_devs_with(criteria=None, **_):
            key, _, value = (criteria or "").partition("=")
            found = subprocess.run(["/usr/sbin/blkid", "-p", "-o", "value", "-s", key, image], capture_output=True, text=True).stdout.strip()
            return [image] if found == value else []

        def mount_cb(device, callback, data=None, mtype=None, **_):
            with tempfile.TemporaryDirectory(dir=work) as point:
                subprocess.run(["mcopy", "-n", "-i", device, "::*", point], check=True)
                return callback(point, data)

        util.find_devs_with = find_devs_with
        util.mount_cb = mount_cb
        nocloud.dmi.read_dmi_data = lambda key: None
        util.get_cmdline = lambda: "ro"
        paths = helpers.Paths({"cloud_dir": work, "run_dir": work})
        source = nocloud.DataSourceNoCloud(sys_cfg={"datasource": {"NoCloud": {}}}, distro=None, paths=paths)
        source.seed_dirs = []
        accepted = source._get_data()
        print(json.dumps({
            "accepted": accepted,
            "instance": source.metadata and source.metadata.get("instance-id"),
            "hostname": source.metadata and source.metadata.get("local-hostname"),
            "user": source.userdata_raw if isinstance(source.userdata_raw, str) else source.userdata_raw.decode(),
            "network": source._network_config,
        }))
        """;

    [SkippableTheory]
    [InlineData(null, "web1")]
    [InlineData("local-hostname: db7\nkeys: [a, b]\n", "db7")]
    [InlineData("{\"local-hostname\": \"db8\"}", "db8")]
    [InlineData("{ }", "web1")]
    public async Task Cloud_init_accepts_the_drive(string? metaData, string hostName)
    {
        using var folder = new TempFolder();
        var image = Drive(folder, s_config with { MetaData = metaData });
        File.WriteAllText(folder["nocloud.py"], NoCloudScript);
        Requires.Tool("mcopy");
        Requires.Tool("blkid");
        var output = await Shell.RunAsync(Requires.Python("cloudinit"), folder["nocloud.py"], image, folder.Path);
        var seen = JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement;

        Assert.True(seen.GetProperty("accepted").GetBoolean());
        Assert.Equal(Uuid, seen.GetProperty("instance").GetString());
        Assert.Equal(hostName, seen.GetProperty("hostname").GetString());
        Assert.Equal(s_config.UserData, seen.GetProperty("user").GetString());
        Assert.Equal(2, seen.GetProperty("network").GetProperty("version").GetInt32());
    }

    [Fact]
    public void The_same_texts_give_the_same_drive() =>
        Assert.Equal(NoCloudDrive.Build(s_config, Uuid, "web1"), NoCloudDrive.Build(s_config, Uuid, "web1"));

    [Fact]
    public void Text_from_Windows_editors_arrives_as_the_guest_needs_it() =>
        Assert.Equal(
            NoCloudDrive.Build(s_config with { UserData = "#!/bin/sh\nreboot\n" }, Uuid, "web1"),
            NoCloudDrive.Build(s_config with { UserData = "\ufeff#!/bin/sh\r\nreboot\r\n" }, Uuid, "web1"));

    [Fact]
    public void What_cloud_init_would_ignore_is_refused()
    {
        NoCloudDrive.Validate(s_config);
        NoCloudDrive.Validate(s_config with { UserData = "\ufeff#!/bin/sh\r\nreboot\r\n" });

        var error = Assert.Throws<VmDeployException>(() => NoCloudDrive.Validate(s_config with { UserData = "packages: [nginx]\n" }));
        Assert.Equal("CloudInitUserDataNotRecognised", error.Code.Id);
        Assert.Contains("'packages: [nginx]'", error.Message, StringComparison.Ordinal);

        foreach (var path in (string[])["./netwrok.yml", @"X:\meta.yml", "C:/cloud init/network.yml"])
        {
            Assert.Equal("CloudInitNotAMapping", Assert.Throws<VmDeployException>(() => NoCloudDrive.Validate(s_config with { NetworkConfig = path })).Code.Id);
            Assert.Equal("CloudInitNotAMapping", Assert.Throws<VmDeployException>(() => NoCloudDrive.Validate(s_config with { MetaData = path })).Code.Id);
        }

        error = Assert.Throws<VmDeployException>(() => NoCloudDrive.Validate(s_config with { UserData = "#!/bin/sh\n" + new string('x', 11 << 20) }));
        Assert.Equal("CloudInitTooLarge", error.Code.Id);
    }

    [SkippableFact]
    public async Task A_drive_filled_to_the_last_cluster_is_sound()
    {
        using var folder = new TempFolder();
        var text = new StringBuilder("#!/bin/sh\n").Append('x', FatImage.Capacity(3) - 400).ToString();
        var (exitCode, output, _) = await Shell.TryAsync(Requires.Tool("fsck.fat"), "-n", Drive(folder, s_config with { UserData = text }));
        Assert.True(exitCode == 0, output);
    }

    private static string Drive(TempFolder folder, CloudInitData config)
    {
        File.WriteAllBytes(folder["cidata.img"], NoCloudDrive.Build(config, Uuid, "web1"));
        return folder["cidata.img"];
    }
}
