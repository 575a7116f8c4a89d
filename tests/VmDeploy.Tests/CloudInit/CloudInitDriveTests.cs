using System.Text;
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

    [SkippableTheory]
    [InlineData(null, "web1")]
    [InlineData("local-hostname: db7\nkeys: [a, b]\n", "db7")]
    [InlineData("---\n# of a template\nkeys: [a, b]", "web1")]
    [InlineData("{\"local-hostname\": \"db8\"}", "db8")]
    [InlineData("{ }", "web1")]
    public async Task Cloud_init_accepts_the_drive(string? metaData, string hostName)
    {
        using var folder = new TempFolder();
        var config = s_config with { MetaData = metaData, VendorData = "#cloud-config\ntimezone: UTC\n" };
        var iso = folder.Write("cidata.iso", NoCloudDrive.BuildIso(Documents(config)));
        foreach (var image in new[] { Drive(folder, config), iso })
        {
            var seen = await CloudInitGuest.ReadDriveAsync(image);
            Assert.Equal(Uuid, seen.InstanceId);
            Assert.Equal(hostName, seen.HostName);
            Assert.Equal(config.UserData, seen.UserData);
            Assert.Equal(config.VendorData, seen.VendorData);
            Assert.Equal(2, seen.Network!.Value.GetProperty("version").GetInt32());
        }
    }

    [SkippableFact]
    public async Task Other_tools_read_the_ISO()
    {
        using var folder = new TempFolder();
        var config = s_config with { UserData = "#!/bin/sh\n" + new string('x', 100_000) };
        var iso = folder.Write("cidata.iso", NoCloudDrive.BuildIso(Documents(config)));
        var found = await Shell.RunAsync(Requires.Tool("blkid"), "-p", "-o", "export", iso);
        Assert.Contains("LABEL=cidata\n", found, StringComparison.Ordinal);
        Assert.Contains("TYPE=iso9660\n", found, StringComparison.Ordinal);
        Assert.Equal(["meta-data", "network-config", "user-data"],
            (await Shell.RunAsync(Requires.Tool("bsdtar"), "-tf", iso)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Order());
        Assert.Equal(config.UserData, await Shell.RunAsync(Requires.Tool("bsdtar"), "-xOf", iso, "user-data"));
        using var stream = File.OpenRead(iso);
        Assert.True(IsoImage.IsIso(stream));
    }

    [Fact]
    public void The_same_texts_give_the_same_drive() =>
        Assert.Equal(NoCloudDrive.BuildDisk(Documents(s_config)), NoCloudDrive.BuildDisk(Documents(s_config)));

    [Fact]
    public void Text_from_Windows_editors_arrives_as_the_guest_needs_it() =>
        Assert.Equal(
            NoCloudDrive.BuildDisk(Documents(s_config with { UserData = "#!/bin/sh\nreboot\n" })),
            NoCloudDrive.BuildDisk(Documents(s_config with { UserData = "\ufeff#!/bin/sh\r\nreboot\r\n" })));

    [SkippableFact]
    public async Task A_drive_filled_to_the_last_cluster_is_sound()
    {
        using var folder = new TempFolder();
        var text = new StringBuilder("#!/bin/sh\n").Append('x', FatImage.Capacity(3) - 400).ToString();
        var (exitCode, output, _) = await Shell.TryAsync(Requires.Tool("fsck.fat"), "-n", Drive(folder, s_config with { UserData = text }));
        Assert.True(exitCode == 0, output);
    }

    private static CloudInitDocuments Documents(CloudInitData config) => CloudInitDocuments.Create(config, "web1", 1, Uuid);

    private static string Drive(TempFolder folder, CloudInitData config) => folder.Write("cidata.img", NoCloudDrive.BuildDisk(Documents(config)));
}
