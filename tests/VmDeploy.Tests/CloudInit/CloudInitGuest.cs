using System.Text.Json;
using VmDeploy.Tests.Support;

namespace VmDeploy.Tests.CloudInit;

/// <summary>The documents that the code of Debian's cloud-init reads in a guest.</summary>
/// <param name="InstanceId">From the meta-data.</param>
/// <param name="HostName">From the meta-data.</param>
/// <param name="UserData">As it is.</param>
/// <param name="VendorData">As it is.</param>
/// <param name="Network">The network configuration.</param>
internal sealed record CloudInitGuest(string? InstanceId, string? HostName, string? UserData, string? VendorData, JsonElement? Network)
{
    private const string Report = """

        def text(data):
            return data if data is None or isinstance(data, str) else data.decode()

        accepted = source._get_data()
        print(json.dumps({
            "accepted": accepted,
            "instance": source.metadata and source.metadata.get("instance-id"),
            "hostname": source.metadata and source.metadata.get("local-hostname"),
            "user": text(source.userdata_raw),
            "vendor": text(source.vendordata_raw),
            "network": source.network_config if accepted else None,
        }))
        """;

    // Only the search and the mount of the drive are replaced, by blkid and tools that read the image.
    private const string NoCloud = """
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
                read = ["bsdtar", "-xf", device, "-C", point] if device.endswith(".iso") else ["mcopy", "-n", "-i", device, "::*", point]
                subprocess.run(read, check=True)
                return callback(point, data)

        util.find_devs_with = find_devs_with
        util.mount_cb = mount_cb
        nocloud.dmi.read_dmi_data = lambda key: None
        util.get_cmdline = lambda: "ro"
        paths = helpers.Paths({"cloud_dir": work, "run_dir": work})
        source = nocloud.DataSourceNoCloud(sys_cfg={"datasource": {"NoCloud": {}}}, distro=None, paths=paths)
        source.seed_dirs = []

        """ + Report;

    // Only the platform and the tool that queries the host are replaced.
    private const string Vmware = """
        import json, sys
        from cloudinit import helpers
        from cloudinit.sources import DataSourceVMware as vmware

        tool, work = sys.argv[1:]

        class Distro:
            def generate_fallback_config(self):
                return None

        vmware.dmi.read_dmi_data = lambda key: "VMware7,1"
        source = vmware.DataSourceVMware(sys_cfg={}, distro=Distro(), paths=helpers.Paths({"cloud_dir": work, "run_dir": work}))
        source.vmware_rpctool = tool

        """ + Report;

    // vmware-rpctool 'info-get KEY', which gives the guest the extraConfig of its VM.
    private const string Tool = """
        #!/usr/bin/python3
        import json, os, sys
        values = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "guestinfo.json")))
        command, _, key = sys.argv[1].partition(" ")
        if command != "info-get" or key not in values:
            sys.stderr.write("No value found")
            sys.exit(1)
        print(values[key], end="")
        """;

    /// <summary>What the data source NoCloud reads from a drive; null if it does not accept it.</summary>
    /// <param name="image">An ISO, or the image of a disk.</param>
    public static async Task<CloudInitGuest> ReadDriveAsync(string image)
    {
        using var folder = new TempFolder();
        Requires.Tool("mcopy");
        Requires.Tool("bsdtar");
        Requires.Tool("blkid");
        return await RunAsync(folder, NoCloud, image);
    }

    /// <summary>What the data source VMware reads from the configuration of a VM.</summary>
    public static async Task<CloudInitGuest> ReadGuestinfoAsync(IReadOnlyDictionary<string, string> extraConfig)
    {
        Requires.Python("cloudinit");
        using var folder = new TempFolder();
        File.WriteAllText(folder["guestinfo.json"], JsonSerializer.Serialize(extraConfig));
        File.WriteAllText(folder["vmware-rpctool"], Tool);
        await Shell.RunAsync("/bin/chmod", "u+x", folder["vmware-rpctool"]);
        return await RunAsync(folder, Vmware, folder["vmware-rpctool"]);
    }

    private static async Task<CloudInitGuest> RunAsync(TempFolder folder, string script, string input)
    {
        var python = Requires.Python("cloudinit");
        File.WriteAllText(folder["read.py"], script);
        var output = await Shell.RunAsync(python, folder["read.py"], input, folder.Path);
        var seen = JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement;
        Xunit.Assert.True(seen.GetProperty("accepted").GetBoolean(), "cloud-init does not accept it");
        return new CloudInitGuest(Text("instance"), Text("hostname"), Text("user"), Text("vendor"),
            seen.GetProperty("network") is { ValueKind: JsonValueKind.Object } network ? network : null);

        string? Text(string name) => seen.GetProperty(name).GetString();
    }
}
