using System.Globalization;
using System.Text;
using System.Xml;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>
/// Damaged replies: each gives a result or a typed error, in bounded time. VMDEPLOY_FUZZ is how many
/// inputs each test tries (2,000 by default; <c>VMDEPLOY_FUZZ=100000 dotnet test --filter ReplyFuzz</c> is the long run), and
/// VMDEPLOY_FUZZ_SEED where it begins.
/// </summary>
public class ReplyFuzzTests
{
    private static readonly int s_inputs = Setting("VMDEPLOY_FUZZ", 2000);
    private static readonly int s_seed = Setting("VMDEPLOY_FUZZ_SEED", 1);

    private static readonly string s_vm = CannedHost.Soap("RetrievePropertiesEx", """
        <returnval><token>t</token><objects><obj type="VirtualMachine">vm-1</obj>
        <propSet><name>name</name><val xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsd:string">web %2f 1</val></propSet>
        <propSet><name>config.hardware.device</name><val xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="ArrayOfVirtualDevice">
        <VirtualDevice xsi:type="VirtualDisk"><key>2000</key><deviceInfo><label>Hard disk 1</label></deviceInfo><backing><fileName>[ds] a/a.vmdk</fileName></backing><capacityInKB>1024</capacityInKB></VirtualDevice>
        <VirtualDevice xsi:type="VirtualE1000"><key>4000</key><deviceInfo><label>NIC</label></deviceInfo><backing><port><portgroupKey>pg</portgroupKey></port></backing><macAddress>00:50:56:00:00:01</macAddress></VirtualDevice></val></propSet>
        <propSet><name>runtime.host</name><val type="HostSystem">h</val></propSet></objects></returnval>
        """);

    private static readonly string s_lease = CannedHost.Soap("WaitForUpdatesEx", """
        <returnval><version>1</version><filterSet><filter type="PropertyFilter">f</filter><objectSet><kind>enter</kind><obj type="HttpNfcLease">l</obj>
        <changeSet><name>state</name><op>assign</op><val>ready</val></changeSet>
        <changeSet><name>info</name><op>assign</op><val><lease type="HttpNfcLease">l</lease><entity type="VirtualMachine">vm-1</entity>
        <deviceUrl><key>/vm/disk-0</key><importKey>/x/VirtualLsiLogicController0:0</importKey><url>https://*/nfc/1/disk-0.vmdk</url><sslThumbprint>x</sslThumbprint><disk>true</disk></deviceUrl>
        <totalDiskCapacityInKB>1</totalDiskCapacityInKB><leaseTimeout>300</leaseTimeout></val></changeSet></objectSet></filterSet></returnval>
        """);

    private static readonly string s_record = CannedHost.Success("""
        <value><struct><member><name>uuid</name><value>u</value></member><member><name>name_label</name><value><string>web&amp;1</string></value></member>
        <member><name>VCPUs_at_startup</name><value>2</value></member><member><name>is_a_template</name><value><boolean>0</boolean></value></member>
        <member><name>VBDs</name><value><array><data><value>OpaqueRef:1</value></data></array></value></member>
        <member><name>progress</name><value><double>0.5</double></value></member><member><name>created</name><value><dateTime.iso8601>20260101T00:00:00Z</dateTime.iso8601></value></member>
        <member><name>other_config</name><value><struct><member><name>k</name><value>v</value></member></struct></value></member></struct></value>
        """);

    private static readonly string s_events = CannedHost.Success(WaitTests.Events(
        WaitTests.Event("task", "OpaqueRef:t", "add") + WaitTests.Event("task", "OpaqueRef:t", "mod") + WaitTests.Event("task", "OpaqueRef:u", "del")));

    [Fact]
    public void SoapReplies() => Fuzz(s_vm, reply => VimXml.Read(new MemoryStream(reply), CancellationToken.None));

    [Fact]
    public void XmlRpcReplies() => Fuzz(s_record, reply =>
    {
        var value = XmlRpc.ReadResponse(new MemoryStream(reply), CancellationToken.None);
        if (value is not Dictionary<string, object> answer || !answer.TryGetValue("Value", out var record))
            return;
        var vm = new XapiRecord("OpaqueRef:v", record);
        object?[] used = [vm.Name, vm.Uuid, vm.Number("VCPUs_at_startup"), vm.Flag("is_a_template"), vm.List("VBDs"), vm.Fraction("progress"), vm.Map("other_config"), vm.Reference("uuid")];
        Assert.Equal(8, used.Length);
    });

    [Fact]
    public async Task Inventories() => await FuzzAsync(s_vm, async reply =>
    {
        var host = new CannedHost((method, count) => method switch
        {
            "CreateContainerView" => CannedHost.Soap(method, "<returnval type='ContainerView'>v</returnval>"),
            "RetrievePropertiesEx" => reply,
            _ => CannedHost.Soap(method, ""),
        });
        using var soap = await host.SoapAsync();
        var reader = new PropertyReader(soap, CannedHost.Content);
        await reader.ReadAllAsync([VmProperties.All], page =>
        {
            var names = new NameCache(reader);
            foreach (var vm in page)
            {
                _ = VmProperties.References(vm).Count();
                _ = VmProperties.ToState(vm, names);
            }
            return Task.CompletedTask;
        }, CancellationToken.None);
    });

    [Fact]
    public async Task EventStreams() => await FuzzAsync(s_events, async reply =>
    {
        var host = new CannedHost((method, count) => method == "event.from"
            ? count > 1 ? throw new VmDeployException(ErrorCodes.TaskCanceled, "enough") : reply
            : CannedHost.Success("<value>OpaqueRef:s</value>"));
        using var client = await host.XapiAsync();
        await new XapiEvents(client, NullLogger.Instance).WaitAsync("task", "OpaqueRef:t", r => r.Text("status") == "success", CancellationToken.None);
    });

    [Fact]
    public async Task LeaseInfo() => await FuzzAsync(s_lease, async reply =>
    {
        var host = new CannedHost((method, count) => method switch
        {
            "CreatePropertyCollector" => CannedHost.Soap(method, "<returnval type='PropertyCollector'>c</returnval>"),
            "WaitForUpdatesEx" => count > 1 ? throw new VmDeployException(ErrorCodes.TaskCanceled, "enough") : reply,
            _ => CannedHost.Soap(method, ""),
        });
        using var soap = await host.SoapAsync();
        await new PropertyWaiter(soap, CannedHost.Content).WaitAsync(new MoRef("HttpNfcLease", "l"), ["state", "info"], values =>
            values.TryGetValue("state", out var state) && state.Value == "ready" && values.TryGetValue("info", out var info) && info.Children("deviceUrl").Any(),
            CancellationToken.None);
    });

    private static void Fuzz(string valid, Action<byte[]> read)
    {
        var seed = Encoding.UTF8.GetBytes(valid);
        for (var i = 0; i < s_inputs; i++)
        {
            try
            {
                read(Damage(seed, new Random(s_seed + i)));
            }
            catch (Exception e) when (e is XmlException or VmDeployException)
            {
                // The valid input.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Input {s_seed + i} (VMDEPLOY_FUZZ_SEED) ends in {e.GetType().Name}.", e);
            }
        }
    }

    // Many at a time, because a wait pauses before it asks again if the host has reported no change.
    private static async Task FuzzAsync(string valid, Func<string, Task> read)
    {
        var seed = Encoding.UTF8.GetBytes(valid);
        foreach (var batch in Enumerable.Range(s_seed, s_inputs).Chunk(500))
            await Task.WhenAll(batch.Select(TryAsync)).WaitAsync(TimeSpan.FromMinutes(2));

        async Task TryAsync(int input)
        {
            try
            {
                await read(Encoding.Latin1.GetString(Damage(seed, new Random(input))));
            }
            catch (VmDeployException)
            {
                // The valid input.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Input {input} (VMDEPLOY_FUZZ_SEED) ends in {e.GetType().Name}.", e);
            }
        }
    }

    // Half of the inputs are well-formed XML with an unexpected structure.
    private static byte[] Damage(byte[] seed, Random random)
    {
        var text = Encoding.Latin1.GetString(seed);
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var from = random.Next(text.Length);
            switch (random.Next(6))
            {
                case 0:
                    text = text.Remove(from, Math.Min(random.Next(1, 40), text.Length - from)) + " ";
                    break;
                case 1:
                    text = text.Insert(from, ((char)random.Next(256)).ToString());
                    break;
                case 2:
                    text = text.Remove(from) + " ";
                    break;
                default:
                    text = DamageElement(text, from, random);
                    break;
            }
        }
        return Encoding.Latin1.GetBytes(text);
    }

    private static string DamageElement(string text, int from, Random random)
    {
        var open = text.IndexOf('<', from);
        var close = open < 0 ? -1 : text.IndexOf('>', open);
        if (close < 0 || text[open + 1] == '/' || text[close - 1] == '/')
            return text;
        var name = text.Substring(open + 1, close - open - 1).Split(' ')[0];
        var end = text.IndexOf($"</{name}>", close, StringComparison.Ordinal);
        if (name.Length == 0 || end < 0)
            return text;
        var whole = text.Substring(open, end + name.Length + 3 - open);
        return random.Next(4) switch
        {
            0 => text.Remove(open, whole.Length),
            1 => text.Insert(open, whole),
            2 => text.Remove(close + 1, end - close - 1).Insert(close + 1, random.Next(3) switch { 0 => "", 1 => "-99999999999999999999", _ => "<x>y</x>" }),
            _ => text.Remove(open, whole.Length).Insert(open, $"<{name}/>"),
        };
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
