using System.Text;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>The simulator's own reading of the schema against a real validator's.</summary>
public sealed class SchemaAgreementTests
{
    private static readonly Version s_newest = new(9, 1);

    private static readonly string s_request = RawSoap.Envelope(
        """
        <CreateVM_Task><_this type="Folder">ha-folder-vm</_this><config><name>a</name><version>vmx-19</version><guestId>otherGuest</guestId>
        <files><vmPathName>[datastore1]</vmPathName></files><numCPUs>2</numCPUs><memoryMB>64</memoryMB>
        <deviceChange><operation>add</operation><fileOperation>create</fileOperation><device xsi:type="VirtualDisk"><key>-1</key>
        <backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName/><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing>
        <controllerKey>200</controllerKey><unitNumber>0</unitNumber><capacityInKB>4096</capacityInKB></device></deviceChange>
        <deviceChange><operation>add</operation><device xsi:type="VirtualE1000"><key>-2</key><deviceInfo><label>x</label><summary>y</summary></deviceInfo>
        <connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl><connected>false</connected></connectable>
        <addressType>generated</addressType></device></deviceChange>
        <extraConfig><key>a</key><value xsi:type="xsd:string">b</value></extraConfig><extraConfig><key>c</key><value xsi:type="xsd:int">1</value></extraConfig>
        <bootOptions><bootDelay>0</bootDelay></bootOptions></config>
        <pool type="ResourcePool">ha-root-pool</pool></CreateVM_Task>
        """);

    [SkippableFact]
    public void The_same_requests_are_accepted()
    {
        SoapSchema.Require();
        Assert.Equal([], SoapSchema.Validate(Encoding.UTF8.GetBytes(s_request)));
        Assert.Equal("CreateVM_Task", SoapReader.Read(s_request, s_newest).Method.Name);
    }

    [SkippableFact]
    public void Damaged_requests_get_the_same_verdict()
    {
        SoapSchema.Require();
        var damages = ArbMap.Default.ArbFor<int>().Generator.Three()
            .Select(n => (Kind: Math.Abs(n.Item1 % 5), First: Math.Abs(n.Item2), Second: Math.Abs(n.Item3)));
        Prop.ForAll(damages.ToArbitrary(), damage =>
        {
            var text = Damage(damage.Kind, damage.First, damage.Second);
            var isValid = SoapSchema.Validate(Encoding.UTF8.GetBytes(text)).Count == 0;
            return Reads(text) == isValid ? true : throw new InvalidOperationException($"The schema says {isValid} of {text}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    private static bool Reads(string text)
    {
        try
        {
            SoapReader.Read(text, s_newest);
            return true;
        }
        catch (VimFault)
        {
            return false;
        }
    }

    // Swaps two neighbours, leaves one out, repeats one, renames one, or spoils a value.
    private static string Damage(int kind, int first, int second)
    {
        var document = XDocument.Parse(s_request);
        var method = document.Descendants(RawSoap.Vim + "CreateVM_Task").Single();
        List<XElement> elements = [.. method.Descendants()];
        var element = elements[first % elements.Count];
        switch (kind)
        {
            case 0:
                var siblings = element.Parent!.Elements().ToList();
                var other = siblings[second % siblings.Count];
                var (copy, otherCopy) = (new XElement(element), new XElement(other));
                if (element != other)
                {
                    element.ReplaceWith(otherCopy);
                    other.ReplaceWith(copy);
                }
                break;
            case 1:
                element.Remove();
                break;
            case 2:
                element.AddAfterSelf(new XElement(element));
                break;
            case 3:
                element.Name = elements[second % elements.Count].Name;
                break;
            case 4 when !element.HasElements:
                element.Value = new[] { "", "-1", "true", "x", "99999999999" }[second % 5];
                break;
        }
        return document.ToString(SaveOptions.DisableFormatting);
    }
}
