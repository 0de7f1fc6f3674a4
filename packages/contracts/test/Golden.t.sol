// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {MarkDownTest} from "./MarkDownTest.sol";

interface VmCode {
    function etch(address target, bytes calldata code) external;
}

/// @dev The digests that src/Struct.test.ts expects of the same messages, at the same address of the same chain.
contract Golden is MarkDownTest {
    address internal constant HERE = 0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD;
    bytes32 internal constant ANYTHING = keccak256("anything");

    function setUp() public {
        vm.chainId(31_337_003);
        deployPriced();
    }

    function test_vector_settlement() public {
        CollateralVault made = new CollateralVault(
            72 hours,
            6 hours,
            owner,
            guardian,
            CollateralVault.Signers(signers(), 2),
            CollateralVault.Signers(settlers(), 2)
        );
        VmCode(address(vm)).etch(HERE, address(made).code);
        VaultSettlements.Settlement memory it = VaultSettlements.Settlement({
            id: ANYTHING,
            account: HERE,
            token: address(0),
            amount: 5,
            venueChainId: 31_337_003,
            venue: HERE,
            escrow: HERE,
            encumbrance: 6,
            deadline: 1_700_000_000,
            epoch: 3
        });
        holds(
            CollateralVault(HERE).settlementDigestOf(it)
                == 0xda0188b3d9ed62533a8f25513ee631d2132d6d358d78f476014dfeee7c3360dc,
            "settlement"
        );
        holds(
            CollateralVault(HERE).venueIdOf(31_337_003, HERE)
                == 0x333531e5e69d188f1dd02f0fc74d3e02aa8d1c244bbd576147786577f12fb0f0,
            "venue"
        );
    }

    function test_vector_mark_down() public {
        VmCode(address(vm)).etch(HERE, address(book).code);
        CreditBook.Evidence memory of_;
        of_.lots = new CreditBook.Lot[](1);
        of_.lots[0] = CreditBook.Lot(ANYTHING, 7, 100_000);
        of_.sharePpm = 500_000;
        holds(
            keccak256(abi.encode(of_)) == 0xd0f7e486cbdbd54cc898adcfb6b45836b20d5d4d85c5e1f56423368be72f6a1a, "evidence"
        );
        CreditBook.MarkDown memory it = CreditBook.MarkDown({
            account: HERE,
            venue: address(0),
            credit: 9,
            sequence: 2,
            epoch: 3,
            inputsHash: keccak256(abi.encode(of_)),
            issuedAt: 1_700_000_000
        });
        holds(
            LimitBook(HERE).markDownDigestOf(it) == 0x4886b206cd8a1e46f84b206134b6a50ad28e84f06088cebbfe2f371ad6faa2a5,
            "mark-down"
        );
    }
}
